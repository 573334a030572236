import { createServer } from 'node:http';
import { connect } from 'node:net';
import { listening } from './listening.ts';

/**
 * A proxy that leads connections for the names of cloud services to their fakes, so that the unmodified SDKs can be
 * given the real names. It leads nowhere else.
 */
export async function startConnectProxy(ports: Readonly<Record<string, number>>) {
  const server = createServer((_request, response) => response.writeHead(405).end());
  const sockets = new Set<{ destroy(): void }>();
  server.on('connect', (request, client, head) => {
    const [host = ''] = (request.url ?? '').split(':');
    const port = ports[host];
    client.on('error', () => client.destroy());
    if (port === undefined) return void client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  const { port, down } = await listening(server);
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = down();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
