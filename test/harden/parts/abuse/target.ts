import { readdir } from 'node:fs/promises';
import { bytesOf, exchange, firstStatus } from '../../abuse/wire.ts';
import type { Bent } from '../../abuse/wire.ts';
import { genuineRequest, portOf, startAbused } from '../../abuse/abused-app.ts';
import { startAbusedMedia } from '../../abuse/abused-media.ts';
import type { Fakes } from '../../../support/fakes.ts';

/** A staged bundle in a process of its own, whichever it is. */
export type Target = {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly cloud: Fakes;
  /** Path and query of a genuine request, which proves nothing without its token. */
  readonly genuine: () => Promise<Bent>;
  /** Sends a genuine request. @returns whether it got in */
  readonly letsIn: () => Promise<boolean>;
  /** All that it wrote. */
  readonly output: () => string;
  /** Lines that nobody foresaw. */
  readonly stray: () => readonly string[];
  readonly close: () => Promise<void>;
};

export async function appTarget(): Promise<Target> {
  const fleet = await startAbused();
  const port = portOf(fleet);
  const genuine = async () => (await genuineRequest(fleet)).bent;
  return {
    name: 'the app',
    url: fleet.urlOf(0),
    port,
    pid: fleet.pidOf(0),
    cloud: fleet.cloud,
    genuine,
    letsIn: async () => (await exchange(port, bytesOf(await genuine()))).statuses[0] === 200,
    output: fleet.output,
    stray: () => fleet.output().match(/^(?!\{"ringward":).+/gm) ?? [],
    close: fleet.close,
  };
}

export async function mediaTarget(): Promise<Target> {
  const media = await startAbusedMedia();
  return {
    name: 'the media host',
    url: `http://127.0.0.1:${media.port}/media`,
    port: media.port,
    pid: media.pid,
    cloud: media.cloud,
    genuine: media.genuine,
    letsIn: async () => (await firstStatus(media.port, bytesOf(await media.genuine()))) === 101,
    output: () => media.lines.join('\n'),
    stray: () => media.lines.filter((line) => /unhandled|uncaught/.test(line)),
    close: media.stop,
  };
}

export const descriptorsOf = async ({ pid }: Target) => (await readdir(`/proc/${pid}/fd`)).length;
