import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, expect, test } from 'vitest';
import { newVonage, sampleBody } from '../../../local/providers/vonage/project.ts';
import { explainCommand } from '../../../tools/explain/command.ts';
import { explainOptions, timeOf } from '../../../tools/explain/options.ts';
import { LONGEST_INPUT_BYTES } from '../../../tools/explain/read.ts';
import { command, inProcess } from '../../support/command.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const secret = 'a development secret of 32 bytes or more';
const vonage = newVonage({ secretOf: () => secret, project: { apiKey: '12345678' } });
const Values = { VONAGE_PROJECTS: '12345678', SECRET_VONAGE_12345678: secret };

let folder: string;
let settings: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  settings = path.join(folder, 'local.settings.json');
  writeFileSync(settings, JSON.stringify({ IsEncrypted: false, Values }));
});

const explained = (args: readonly string[], input: string | Buffer = '') =>
  inProcess(() => explainCommand(args, {}, Readable.from([Buffer.from(input)])));

function archive(body = sampleBody('archive')): string {
  const { headers } = vonage.callback('https://app.example', 'archive', body);
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  return ['POST /api/callbacks/vonage/archive HTTP/1.1', ...lines, '', body].join('\n');
}

test('a genuine request ends with 0, an altered one with 1, and one without a token with 2', async () => {
  const genuine = archive();
  const captured = path.join(folder, 'captured.txt');
  writeFileSync(captured, genuine);
  const [good, altered, unsigned] = await Promise.all([
    command('explain.ts', ['--settings', settings, captured]),
    explained(['--settings', settings], genuine.replace('available', 'deleted')),
    explained(['--settings', settings, '-'], genuine.replace(/^authorization.*\n/m, '')),
  ]);
  expect([good.code, good.errors, good.output]).toEqual([
    0,
    '',
    expect.stringMatching(/^Accepted/m) as string,
  ]);
  expect([altered.code, altered.output]).toEqual([
    1,
    expect.stringContaining('body-hash       refused: payload-hash-wrong') as string,
  ]);
  expect([unsigned.code, unsigned.output]).toEqual([
    2,
    expect.stringContaining('vonage-token    cannot tell: callback-unsigned') as string,
  ]);
});

test('what cannot be understood ends with 64, and nothing that was given is obeyed by the terminal', async () => {
  const escape = '\u001b]0;owned\u0007';
  const misunderstood = await Promise.all([
    command('explain.ts', ['--settings', settings], `POST ${escape} HTTP/1.1\nx: y`),
    explained(['--settings', settings], `POST /x HTTP/1.1\nx: ${escape}`),
    explained(['--settings', settings], `POST /${escape}/x HTTP/1.1\nx: y`),
    explained(['--settings', settings], `{"url":"/x","body":"","headers":{"a":"${escape}"}}`),
    explained([`--${escape}`]),
    explained([path.join(folder, escape)]),
    explained(['--settings', path.join(folder, `absent${escape}`)], 'x'),
    explained(['--settings', settings, '--local'], 'x'),
    explained(['--settings', settings], Buffer.alloc(LONGEST_INPUT_BYTES + 2, 'x')),
  ]);
  for (const { code, errors, output } of misunderstood) {
    expect([code, output]).toEqual([64, '']);
    expect(errors).not.toBe('');
    expect(errors.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  }
});

test('a path that nothing answers to is told without a key in it', async () => {
  const mac = 'M'.repeat(43);
  const key = `v1%2E12345678%2Eabcdefghijklmnopqrstuv%2E1795483672%2E${mac}`;
  const { code, errors } = await explained(['--settings', settings], `POST /api/${key} HTTP/1.1\nx: y\n\n`);
  expect([code, errors]).toEqual([64, expect.stringContaining('POST /api/[callback key]') as string]);
  expect(errors).not.toContain(mac);
});

test.each([
  ['2026-11-24T01:00:00Z', 1795482000],
  ['2026-11-24T02:00:00.5+01:00', 1795482000.5],
  ['2026-11-24 01:00:00z', 1795482000],
  ['1795482000', 1795482000],
  ['0', 0],
])('--at %s is %d seconds since 1970', (text, seconds) => {
  expect(timeOf(text)).toBe(seconds);
});

test.each([
  '',
  'now',
  '2026-11-24',
  '2026-11-24T01:00:00',
  '2026-13-24T01:00:00Z',
  '1795482000000',
  '-1',
  '1e9',
])('--at %j is refused', (text) => {
  expect(() => timeOf(text)).toThrow('--at must be');
});

test.each([
  [['a', 'b'], 'name one file'],
  [['--route', '/api/x'], '--route must be one of'],
  [['--local', '--settings', 'x'], 'choose one'],
])('%j is not understood', (args, says) => {
  expect(() => explainOptions(args)).toThrow(says);
});
