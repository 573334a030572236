import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliver as deliverTo, newVonage, sampleBody } from '../../../local/providers/vonage/project.ts';
import type { Clock } from '../../../shared/clock.ts';

let answers: number[] = [];
const server = createServer((_request, response) => response.writeHead(answers.shift() ?? 200).end());
let url = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** Delivers on a clock that jumps over every wait; tells the pauses in seconds. */
async function deliver() {
  const pauses: number[] = [];
  let ticks = 0;
  const clock: Clock = {
    now: () => 1_800_000_000 + ticks / 1000,
    ticks: () => ticks,
    after: () => () => {},
    async sleep(milliseconds) {
      pauses.push(milliseconds / 1000);
      ticks += milliseconds;
    },
  };
  const vonage = newVonage({ secretOf: () => 'a secret' });
  const body = sampleBody('sip');
  const replies = await deliverTo((now) => vonage.callback(url, 'sip', body, now), clock);
  return { pauses, statuses: replies.map(({ status }) => status) };
}

test('a callback that is refused for now comes again, first after five seconds and ever later', async () => {
  answers = [503, 500, 429, 200];
  expect(await deliver()).toEqual({ pauses: [5, 10, 20], statuses: [503, 500, 429, 200] });
});

test.each([200, 400, 401, 403, 413])('one that is answered %i does not', async (status) => {
  answers = [status];
  expect(await deliver()).toEqual({ pauses: [], statuses: [status] });
});

test('after a day it is given up, and never did it wait longer than fifteen minutes', async () => {
  answers = Array.from({ length: 200 }, () => 503);
  const { pauses } = await deliver();
  expect(Math.max(...pauses)).toBe(900);
  expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeGreaterThanOrEqual(86_400);
});
