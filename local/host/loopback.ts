import { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';

/**
 * Runs `open` and gives the HTTP servers that it opened, each bound to 127.0.0.1 whatever it asked for. The library
 * opens its streaming server on every interface and keeps it to itself; here nothing may listen beyond loopback unless
 * told so, and it has to be closed in the end.
 * @param open asks for a port, or none, and no address.
 */
export async function openOnLoopback<T>(
  open: () => Promise<T>,
): Promise<{ result: T; servers: HttpServer[] }> {
  const servers: HttpServer[] = [];
  // oxlint-disable-next-line unbound-method -- called with its own `this` below
  const { listen } = Server.prototype;
  Server.prototype.listen = function (this: Server, ...args: unknown[]) {
    if (!(this instanceof HttpServer)) return Reflect.apply(listen, this, args);
    servers.push(this);
    const port = typeof args[0] === 'number' ? args[0] : 0;
    const ready = args.find((arg) => typeof arg === 'function');
    return Reflect.apply(listen, this, [port, '127.0.0.1', ...(ready ? [ready] : [])]);
  } as typeof listen;
  try {
    return { result: await open(), servers };
  } finally {
    Server.prototype.listen = listen;
  }
}
