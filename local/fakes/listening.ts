import type { Server } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A server on a loopback port that it keeps, so that it can be gone for a while and come back. */
export type Listening = {
  readonly port: number;
  /** Refuses every connection from now on, those that are open included. */
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
};

export async function listening(server: Server & { closeAllConnections?: () => void }): Promise<Listening> {
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
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
