import { once } from 'node:events';
import type { Server } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A server on a loopback port that it keeps, so that it can be gone for a while and come back. */
export type Listening = {
  readonly port: number;
  /** Refuses every connection from now on, those that are open included. */
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
};

/**
 * @param wanted the port; any free one by default
 * @throws Error where another process has the port
 */
export async function listening(
  server: Server & { closeAllConnections?: () => void },
  wanted = 0,
): Promise<Listening> {
  const listen = async (port: number) => void (await once(server.listen(port, '127.0.0.1'), 'listening'));
  await listen(wanted);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async down() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections?.();
      await closed;
    },
    async up() {
      if (!server.listening) await listen(port);
    },
  };
}
