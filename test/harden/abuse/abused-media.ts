import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { startMedia } from '../../../local/media-process.ts';
import { startClouds } from '../../../local/play/clouds.ts';
import { playEnvironment } from '../../../local/play/environment.ts';
import { upgrade } from '../../../local/play/requests.ts';
import { untilHealthy } from '../../../local/until-healthy.ts';
import type { Environment } from '../../../shared/settings/table.ts';
import { stageMediaWithTestHandlers } from '../../end-to-end/staged.ts';
import { straight, withHeader } from './wire.ts';

/** The staged bundle of the media host in a process of its own, when it has its keys, to be abused. */
export async function startAbusedMedia(settings: Environment = {}) {
  const [clouds, folder] = await Promise.all([startClouds(), stageMediaWithTestHandlers()]);
  const lines: string[] = [];
  const media = await startMedia({
    entry: path.join(folder, 'main.cjs'),
    port: 0,
    environment: {
      ...playEnvironment(process.env, clouds, 'https://app.example'),
      LEDGER: 'memory',
      ...settings,
    },
    onLine: (line) => void lines.push(line),
  });
  await untilHealthy(`http://${new URL(media.url).host}`, '/health');
  return {
    clouds,
    url: media.url,
    pid: media.pid,
    port: Number(new URL(media.url).port),
    /** What it wrote. */
    lines,
    /** A genuine upgrade that nobody has asked for yet. */
    async genuine() {
      const bent = straight({ ...(await upgrade(clouds, media.url)), method: 'GET' });
      const handshake = ['upgrade: websocket', 'sec-websocket-version: 13'];
      const key = `sec-websocket-key: ${randomBytes(16).toString('base64')}`;
      return withHeader(bent, 'connection', 'connection: Upgrade', ...handshake, key);
    },
    async stop() {
      await media.stop();
      await clouds.close();
    },
  };
}

export type AbusedMedia = Awaited<ReturnType<typeof startAbusedMedia>>;
