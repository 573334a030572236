import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HostError } from './host-error.ts';
import { hostLog } from './log.ts';

/**
 * Listens and gives the URL under which this machine reaches the server. Warns where others reach it too.
 * @throws HostError when the port is taken or may not be used, and when the address is not this machine's.
 */
export async function listen(server: Server, port: number, address: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(port, address, resolve);
  try {
    await promise;
  } catch (error) {
    throw explain(error, port, address);
  } finally {
    server.off('error', reject);
  }
  const bound = server.address() as AddressInfo;
  if (!isLoopback(bound.address)) {
    hostLog('warning', `Listening on ${address}: whoever reaches this machine can call its functions.`);
  }
  const host = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[bound.address] ?? bracketed(bound.address);
  return `http://${host}:${bound.port}`;
}

function explain(error: unknown, port: number, address: string): unknown {
  switch (error instanceof Error && 'code' in error && error.code) {
    case 'EADDRINUSE':
      return new HostError(
        `Port ${port} on ${address} is taken. Choose another one with --port, or 0 for any that is free.`,
      );
    case 'EACCES':
      return new HostError(`Port ${port} on ${address} may not be used. Choose one above 1023 with --port.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new HostError(`${address} is not an address of this machine.`);
    default:
      return error;
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
