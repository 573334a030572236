import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newVonage, sampleBody } from '../../../local/stand-ins/vonage.ts';
import { explainOptions, timeOf } from '../../../tools/explain/options.ts';
import { LONGEST_INPUT } from '../../../tools/explain/read.ts';

const file = path.resolve(import.meta.dirname, '../../../tools/explain.ts');
const secret = 'a development secret of 32 bytes or more';
const vonage = newVonage({ secretOf: () => secret, project: { apiKey: '12345678' } });
const Values = { VONAGE_PROJECTS: '12345678', SECRET_VONAGE_12345678: secret };

let folder: string;
let settings: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ringward-explain-'));
  settings = path.join(folder, 'local.settings.json');
  writeFileSync(settings, JSON.stringify({ IsEncrypted: false, Values }));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As `npm run explain` does it. */
async function command(args: readonly string[], input: string | Buffer = '') {
  const child = spawn(process.execPath, [file, ...args], {
    env: { PATH: process.env['PATH'], NO_COLOR: '1' },
  });
  // It may stop reading before the end.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const exited = once(child, 'exit');
  const [output, errors, [code]] = await Promise.all([
    child.stdout.toArray().then((chunks) => Buffer.concat(chunks).toString()),
    child.stderr.toArray().then((chunks) => Buffer.concat(chunks).toString()),
    exited,
  ]);
  return { output, errors, code: code as number };
}

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
    command(['--settings', settings, captured]),
    command(['--settings', settings], genuine.replace('available', 'deleted')),
    command(['--settings', settings, '-'], genuine.replace(/^authorization.*\n/m, '')),
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
    command(['--settings', settings], `POST ${escape} HTTP/1.1\nx: y`),
    command(['--settings', settings], `POST /x HTTP/1.1\nx: ${escape}`),
    command(['--settings', settings], `POST /${escape}/x HTTP/1.1\nx: y`),
    command(['--settings', settings], `curl https://x --${escape}`),
    command([`--${escape}`]),
    command([path.join(folder, escape)]),
    command(['--settings', path.join(folder, `absent${escape}`)], 'x'),
    command(['--settings', settings, '--local'], 'x'),
    command(['--settings', settings], Buffer.alloc(LONGEST_INPUT + 2, 'x')),
  ]);
  for (const { code, errors, output } of misunderstood) {
    expect([code, output]).toEqual([64, '']);
    expect(errors).not.toBe('');
    expect(errors.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  }
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
