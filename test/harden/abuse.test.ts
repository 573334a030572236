import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { genuineRequest, portOf, shouldCome, startAbused, tryCase } from './abuse/abused-app.ts';
import { appCases } from './abuse/app-cases.ts';
import { startAbusedMedia } from './abuse/abused-media.ts';
import type { AbusedMedia } from './abuse/abused-media.ts';
import { mediaCases } from './abuse/media-cases.ts';
import { bytesOf, exchange, firstStatus } from './abuse/wire.ts';
import type { Fleet } from './fleet.ts';

describe('the staged bundle', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startAbused();
  });
  afterAll(() => fleet.close());

  test.concurrent.each(appCases)('$name', async (one) => {
    expect(await tryCase(fleet, one)).toEqual(shouldCome(one));
  });

  test('after all of it a genuine request is handled, and nothing unforeseen was written', async () => {
    const { bent } = await genuineRequest(fleet);
    const { statuses } = await exchange(portOf(fleet), bytesOf(bent));
    expect(statuses).toEqual([200]);
    expect(fleet.output()).not.toMatch(/^(?!\{"ringward":).+/m);
  });
});

describe('the staged media host', () => {
  let media: AbusedMedia;
  beforeAll(async () => {
    media = await startAbusedMedia();
  });
  afterAll(() => media.stop());

  test.concurrent.each(mediaCases)('$name', async ({ bend, status }) => {
    expect(await firstStatus(media.port, bend(await media.genuine()))).toBe(status);
  });

  test('after all of it a genuine upgrade is let in, nobody else was, and nothing unforeseen was written', async () => {
    expect(await firstStatus(media.port, bytesOf(await media.genuine()))).toBe(101);
    await expect.poll(() => media.lines.filter((line) => line.includes('"status":101'))).toHaveLength(1);
    expect(media.lines.join('\n')).not.toMatch(/unhandled|uncaught/);
  });
});
