import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what Linux, macOS and Windows hand out by themselves to whoever asks for any port, or connects somewhere. */
const [LOWEST, HIGHEST] = [20_000, 32_000];
const ATTEMPTS = 100;

/**
 * A port that nobody listens on now, nor will by chance: for an app that has to know its own address before it listens.
 *
 * @throws Error where a hundred of them were taken
 */
export async function freePort(attempts = ATTEMPTS): Promise<number> {
  const port = randomInt(LOWEST, HIGHEST);
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
