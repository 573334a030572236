import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HostRequest } from './host-request.ts';
import type { RegisteredFunction } from './registry.ts';

/** A request that has found its function, and where its answer goes. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly request: HostRequest;
  readonly fn: RegisteredFunction;
  readonly params: Record<string, string>;
}

/**
 * Answers with a status and an empty body, as the host does for everything that no function answered. What the caller
 * is still sending is thrown away, so that it gets to read the answer.
 */
export function answerEmpty(res: ServerResponse, status: number): void {
  if (res.headersSent || res.destroyed) return void res.destroy();
  res.writeHead(status, { 'content-length': '0' }).end();
}
