import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { fixture } from './child.ts';

const main = fileURLToPath(new URL('../../../local/host/main.ts', import.meta.url));
const run = (...args: string[]) =>
  spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });

it('prints where it listens, the routes, and what is logged at information and above', async () => {
  const child = run('--app', fixture('sample.ts'), '--port', '0');
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    const url = /^Listening on (http:\S+)$/.exec(line)?.[1];
    if (url) void fetch(`${url}/api/logs`);
    if (line === 'changed') child.kill('SIGINT');
  }
  expect(lines[0]).toBe('Function "clock" has no HTTP trigger, so nothing calls it here.');
  expect(lines[1]).toMatch(/^Listening on http:\/\/127\.0\.0\.1:\d+$/);
  expect(lines).toContain('  GET,HEAD,POST /api/echo/{kind?}');
  const logged = ['fine print', 'an ordinary entry', 'a warning', 'hide me', 'change me', 'changed'];
  expect(lines.filter((line) => logged.includes(line))).toEqual([
    'an ordinary entry',
    'a warning',
    'changed',
  ]);
});

it('prints an expected fault without a stack, on stderr', async () => {
  const child = run('--app', fixture('empty.ts'));
  const [error, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(error).toMatch(/^.*empty\.ts registered no HTTP function\. .*\n$/);
  expect(code).toBe(1);
});
