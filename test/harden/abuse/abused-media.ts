import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { startMedia } from '../../../local/media-process.ts';
import { startFakes } from '../../support/fakes.ts';
import { rehearsalEnvironment } from '../../../local/fake-cloud.ts';
import { upgrade } from '../../../local/providers/call-automation/requests.ts';
import { healthy } from '../../support/healthy.ts';
import type { Environment } from '../../../shared/settings/table.ts';
import { stageMediaWithTestHandlers } from '../../end-to-end/staged.ts';
import { straight, withHeader } from './wire.ts';

/** The staged bundle of the media host in a process of its own, when it has its keys, to be abused. */
export async function startAbusedMedia(settings: Environment = {}) {
  const [cloud, folder] = await Promise.all([startFakes(), stageMediaWithTestHandlers()]);
  const lines: string[] = [];
  const media = await startMedia({
    entry: path.join(folder, 'main.cjs'),
    port: 0,
    environment: {
      ...rehearsalEnvironment(process.env, cloud, 'https://app.example'),
      LEDGER: 'memory',
      ...settings,
    },
    onLine: (line) => void lines.push(line),
  });
  await healthy(`http://${new URL(media.url).host}`, '/health');
  return {
    cloud,
    url: media.url,
    pid: media.pid,
    port: Number(new URL(media.url).port),
    /** What it wrote. */
    lines,
    /** A genuine upgrade that nobody has asked for yet. */
    async genuine() {
      const bent = straight({ ...(await upgrade(cloud, media.url)), method: 'GET' });
      const handshake = ['upgrade: websocket', 'sec-websocket-version: 13'];
      const key = `sec-websocket-key: ${randomBytes(16).toString('base64')}`;
      return withHeader(bent, 'connection', 'connection: Upgrade', ...handshake, key);
    },
    async stop() {
      await media.stop();
      await cloud.close();
    },
  };
}

export type AbusedMedia = Awaited<ReturnType<typeof startAbusedMedia>>;
