import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer } from './answer.ts';

// The bare script.
const server = createServer(async (request, response) => {
  await answer(Buffer.concat(await request.toArray()).toString());
  response.end();
}).listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());
