import { isSigned } from '../is-signed.ts';
import { listening } from './listening.ts';

/** The least that any server can do which proves a token: it reads the request and computes one signature. */
export const start = () =>
  listening((request, response) => {
    request.resume().on('end', () => {
      const genuine = isSigned(request.headers.authorization);
      response.writeHead(genuine ? 200 : 401, { 'content-length': 0 }).end();
    });
  });
