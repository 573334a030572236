import path from 'node:path';
import { startMedia } from './media-process.ts';
import type { MediaProcess } from './media-process.ts';
import { watchFolder } from './watch.ts';

const handlers = path.resolve(import.meta.dirname, '..', 'handlers');

/** Serves the media host until it is stopped. Rejects where it does not start the first time. */
export async function serveMedia(options: Parameters<typeof startMedia>[0]) {
  let media: MediaProcess | undefined = await startMedia(options);
  const { url } = media;
  let turn: Promise<void> = Promise.resolve();
  let watcher: { close(): void } | undefined;

  const port = Number(new URL(url).port);
  let up = Promise.withResolvers<{ readonly port: number }>();
  up.resolve({ port });

  async function restart(): Promise<void> {
    if (media) up = Promise.withResolvers();
    await media?.stop();
    media = undefined;
    try {
      media = await startMedia({ ...options, port });
      up.resolve({ port });
    } catch (fault) {
      console.error(`The media host does not start:\n${(fault as Error).message}`);
    }
  }

  return {
    url,
    /** Starts it again whenever a handler is saved; while it does not start, the fault is printed. */
    restartOnSave() {
      watcher = watchFolder(handlers, () => {
        turn = turn.then(restart);
      });
    },
    /** Starts it again, with nothing of what it knows. */
    restart() {
      turn = turn.then(restart);
      return turn;
    },
    /** Where it listens, as soon as it does. */
    listening: () => up.promise,
    async stop() {
      watcher?.close();
      await turn;
      await media?.stop();
    },
  };
}
