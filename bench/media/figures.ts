import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a server holds after a collection, in MiB, and what it has used of a core, in seconds. */
export type Figures = { readonly heap: number; readonly resident: number; readonly cpu: number };

/** In the server: tells the port, and its figures whenever it is asked. */
export function serveFigures(port: number): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    process.send?.({ heap: heapUsed / 2 ** 20, resident: rss / 2 ** 20, cpu: (user + system) / 1e6 });
  });
  process.send?.({ port });
}
