import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { freePort } from '../../../local/http/loopback.ts';
import { command } from '../../support/command.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const conformance = (...args: readonly string[]) => command('conformance.ts', args);

/** A command that starts a receiver, which answers 401 to what comes without the API key in its environment. */
const receiver = `"${process.execPath}" -e "const { PORT, LIVEKIT_API_KEY } = process.env;
  require('node:http').createServer((request, response) => response.writeHead(LIVEKIT_API_KEY ? 401 : 500).end())
    .listen(PORT, '127.0.0.1')"`.replaceAll('\n', ' ');

test('it starts the receiver with its settings, reports, and ends the receiver', async () => {
  const [port, issuerPort] = [await freePort(), await freePort()];
  const file = path.join(await temporaryFolder(), 'report.json');
  const url = `http://127.0.0.1:${port}/hook`;
  const args = ['--url', url, '--sender', 'livekit', '--issuer-port', String(issuerPort), '--json', file];
  const { output, code } = await conformance(...args, '--run', receiver);
  expect(output).toMatch(/LIVEKIT_API_KEY +APIconformance\n/);
  expect(output).toMatch(/\nThe secret of a LiveKit token +6( +·){8}\n/);
  expect(output).toContain('✗ Genuine: every type / all 14 (401): a genuine request is refused, and lost');
  expect(code).toBe(1);
  const report = JSON.parse(await readFile(file, 'utf8'));
  expect(report).toMatchObject({
    format: 1,
    version: packageJson.version,
    receiver: url,
    sender: 'livekit',
    counts: { 'accepted-wrongly': 0, 'wrong-status': 0 },
  });
  expect(report.families[0]).toEqual({
    name: 'Genuine: the first request',
    cases: [
      {
        name: 'room_started',
        expected: 'accepted',
        status: 401,
        verdict: 'refused-wrongly',
        milliseconds: expect.any(Number),
      },
    ],
  });
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('where connections break, the last lines of the receiver follow the report', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const args = ['--url', url, '--sender', 'livekit', '--issuer-port', String(await freePort())];
  const breaking = `"${process.execPath}" -e "console.log('no such table');
    require('node:http').createServer((request) => request.destroy()).listen(process.env.PORT, '127.0.0.1')"`;
  const { output, code } = await conformance(...args, '--run', breaking.replaceAll('\n', ' '));
  expect(output).toMatch(/\nIt answered nothing at all: [^]+\nIt printed:\nno such table\n$/);
  expect(code).toBe(1);
});

test('a receiver that ends at once is shown with what it printed', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const run = `"${process.execPath}" -e "throw new Error('no such setting')"`;
  const port = ['--issuer-port', String(await freePort())];
  const { errors, code } = await conformance('--url', url, ...port, '--run', run);
  expect(errors).toContain(`The receiver does not listen at ${url}. It printed:`);
  expect(errors).toContain('Error: no such setting');
  expect(code).toBe(1);
});

test('what is not understood ends with 64', async () => {
  const { errors, code } = await conformance('--sender', 'livekit');
  expect(errors).toContain('--url must be');
  expect(code).toBe(64);
});
