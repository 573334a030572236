import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen } from '../host/listen.ts';
import { forward } from './forward.ts';
import type { Upstream } from './forward.ts';
import { forwardUpgrade, turns } from './forward-upgrade.ts';
import type { Upgraded } from './forward-upgrade.ts';
import { pathOf } from './stored-delivery.ts';
import type { Recorder } from './recorder.ts';
import { answerInspector, isInspectors } from './routes.ts';
import type { Inspector } from './routes.ts';

/**
 * The one port of `npm start`: the inspector's own routes it answers, the sockets go to the media host, and all else goes
 * to the app.
 */
export function front(options: {
  recorder: Recorder;
  app: Upstream;
  media: Upstream;
  /** The purposes that a ticket was minted for. */
  purposes: (target: string) => readonly string[];
  onUpgrade: Upgraded;
}) {
  const { recorder, app, media, purposes, onUpgrade } = options;
  const turn = turns();
  const inspecting = Promise.withResolvers<Inspector>();
  const server = createServer(
    {
      // What a webhook of a megabyte needs on a slow line, and no more.
      requestTimeout: 60_000,
      // More than the local host takes, so that its limits count.
      maxHeaderSize: 65_536,
      // Of what else asks for an upgrade, the app makes what it makes of it without one.
      shouldUpgradeCallback: ({ url = '' }) => pathOf(url) === '/media',
    },
    (request, response) => {
      response.on('error', () => response.destroy());
      if (!isInspectors(request.url)) return void forward(request, response, app, recorder);
      void inspecting.promise.then((inspector) => answerInspector(inspector, request, response));
    },
  );
  server.on('upgrade', (request, socket, head) => {
    const types = purposes(request.url ?? '');
    const rest = { upstream: media, recorder, types, onAnswer: onUpgrade, turn };
    void forwardUpgrade(request, socket, head, rest);
  });
  return {
    /** @throws HostError when the port is taken, or the address is not this machine's */
    listen: (port: number, address: string) => listen(server, port, address),
    port: () => (server.address() as AddressInfo | null)?.port ?? 0,
    /** Serves the page from now on. Earlier requests for it wait. */
    inspect: inspecting.resolve,
    async close(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
