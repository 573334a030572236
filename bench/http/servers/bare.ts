import { listening } from './listening.ts';

/** Reads a request and answers it: what any server on `node:http` costs at least. */
export const start = () =>
  listening((message, response) => {
    message.resume().on('end', () => response.writeHead(200, { 'content-length': 0 }).end());
  });
