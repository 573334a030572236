import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** The names of this machine in a URL that no DNS server can redirect. */
export const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Below the ephemeral range of Linux, macOS and Windows: the system gives these ports to nobody by chance. */
const [LOWEST_PORT, HIGHEST_PORT] = [20_000, 32_000];
const ATTEMPTS = 100;

/**
 * Returns a free port, for an app that must know its address before it listens.
 *
 * @throws Error after a hundred ports that were taken
 */
export async function freePort(attempts = ATTEMPTS): Promise<number> {
  const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch (fault) {
    if (attempts <= 1) throw fault;
    return freePort(attempts - 1);
  }
  server.close();
  await once(server, 'close');
  return port;
}
