import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { serveFigures } from './server.ts';

// What `ws` does alone: it accepts everybody and sends every message back.
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (ws) => {
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
});
await once(server, 'listening');
serveFigures((server.address() as AddressInfo).port);
