import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { HostError } from './host/host-error.ts';
import type { Environment } from '../shared/settings/table.ts';

/** The media host in its own process. */
export type MediaProcess = {
  /** `ws://…/media` */
  readonly url: string;
  readonly pid: number;
  /** Resolves with the code that it ended with. */
  readonly stop: () => Promise<number | null>;
};

/** The sources, by default. */
const sources = path.resolve(import.meta.dirname, '..', 'media', 'main.ts');

/**
 * Starts the media host and waits until it listens.
 *
 * @param entry its file, in the sources or staged
 * @param onLine called with each line that it writes
 * @throws HostError with what it wrote where it does not start
 */
export async function startMedia(options: {
  entry?: string;
  port: number;
  environment: Environment;
  onLine: (line: string) => void;
}): Promise<MediaProcess> {
  const { entry = sources, port, environment, onLine } = options;
  const env = { ...environment, PORT: String(port) };
  const child = spawn(process.execPath, [entry], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const listening = Promise.withResolvers<number>();
  const written: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      written.push(line);
      if (line.startsWith('{"ringward":"media-listening"')) listening.resolve(JSON.parse(line).port);
      else onLine(line);
    });
  }
  child.once('close', () => listening.reject(new HostError(written.join('\n') || 'The media host ended.')));
  const bound = await listening.promise;
  written.length = 0;
  return {
    url: `ws://127.0.0.1:${bound}/media`,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}
