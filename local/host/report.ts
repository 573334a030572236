import type { LogEntry } from './log.ts';
import type { ServedRoute } from './routes.ts';

/** What the process tells a parent that started it with an IPC channel. */
export type HostMessage =
  | { type: 'ready'; url: string; routes: readonly ServedRoute[] }
  | ({ type: 'log' } & LogEntry)
  | { type: 'failed'; message: string };

/** What such a parent may tell the process. */
export type ParentMessage = { type: 'stop' };

export interface Report {
  send(message: HostMessage): void;
  /** Settles when everything sent is out. */
  flush(): Promise<void>;
}

/** Messages to the parent where there is one that listens, else lines on stdout and stderr. */
export function openReport(): Report {
  if (!process.send) return { send: print, flush: async () => {} };
  let last = Promise.resolve();
  return {
    send(message) {
      if (!process.connected) return;
      // A parent that went away meanwhile is noticed by 'disconnect'.
      last = new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
    },
    flush: () => last,
  };
}

function print(message: HostMessage): void {
  switch (message.type) {
    case 'ready':
      console.log(`Listening on ${message.url}`);
      for (const { methods, path } of message.routes) console.log(`  ${methods.join(',')} ${path}`);
      break;
    case 'log':
      // The host's own default level is information.
      if (message.level !== 'trace' && message.level !== 'debug') console.log(message.message);
      break;
    case 'failed':
      console.error(message.message);
  }
}
