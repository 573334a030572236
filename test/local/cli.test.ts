import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import path from 'node:path';
import { expect, test } from 'vitest';

const cli = path.resolve(import.meta.dirname, '../../local/cli.ts');

/** Runs a command that takes `--say`, and a name. */
async function run(...args: readonly string[]) {
  const command = `
    import { CommandError, misused, noOthers, parseOptions, runCommand } from ${JSON.stringify(`file://${cli}`)};
    const usage = 'the usage';
    await runCommand(usage, async (args) => {
      const options = { say: { type: 'string' } };
      const say = parseOptions(args, { options, usage }, ({ say }, others) => (noOthers(others), say));
      if (say === 'misused') misused('Say something else.');
      if (say === 'failed') throw new CommandError('Nothing answers.');
      if (say === 'broken') throw new TypeError('this quotes a token');
      return 2;
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', command, '--', 'command', ...args]);
  const code = new Promise((resolve) => child.once('close', resolve));
  return { output: await text(child.stdout), errors: await text(child.stderr), code: await code };
}

test('a command ends with the code that it returns', async () => {
  expect(await run()).toEqual({ output: '', errors: '', code: 2 });
});

test('--help prints the usage and ends with 0, whatever else is given', async () => {
  expect(await run('--say', 'broken', '--help')).toEqual({ output: 'the usage\n', errors: '', code: 0 });
});

test.each([
  [
    'an unknown option',
    ['--sya', 'x'],
    /^There is no option --sya\. There is --say and --help\.\n\nthe usage\n$/,
  ],
  ['an option without its value', ['--say'], /argument missing\n\nthe usage\n$/],
  [
    'another argument, which is not quoted',
    ['secret'],
    /^Only options that begin with -- are [^]*the usage\n$/,
  ],
  ['an input that cannot be used', ['--say', 'misused'], /^Say something else\.\n$/],
])('%s ends with 64', async (_name, args, message) => {
  expect(await run(...args)).toEqual({
    output: '',
    errors: expect.stringMatching(message) as string,
    code: 64,
  });
});

test('a command that cannot do its work says why, and ends with 1', async () => {
  expect(await run('--say', 'failed')).toEqual({ output: '', errors: 'Nothing answers.\n', code: 1 });
});

test('a fault of the command itself ends with 70, with the place and without the message', async () => {
  const { errors, code } = await run('--say', 'broken');
  expect(code).toBe(70);
  expect(errors).toMatch(/^This failed, please report it: TypeError \n +at /);
  expect(errors).not.toContain('quotes');
});
