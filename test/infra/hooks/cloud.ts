import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
};
export type Answer = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
};

/** A service of Azure on loopback, which keeps what it was asked and answers as it is told. */
export async function cloud(answer: (asked: Asked, url: string) => Answer | Promise<Answer>) {
  const asked: Asked[] = [];
  let url = '';
  const server = createServer((request, response) => {
    void serve(request, response);
  });
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const one = await read(request);
    asked.push(one);
    const { status, body, headers } = await answer(one, url);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body === undefined ? '' : JSON.stringify(body));
  }
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url, asked };
}

async function read(request: IncomingMessage): Promise<Asked> {
  const { method = '', url = '', headers } = request;
  return { method, path: url, authorization: headers.authorization, body: await text(request) };
}

/** A vault with these secrets, as its REST API speaks. */
export function vault(secrets: Map<string, string>) {
  return cloud(({ method, path, body }) => {
    const { pathname, searchParams } = new URL(path, 'http://vault');
    const [, , name = '', rest] = pathname.split('/');
    if (!searchParams.get('api-version')) return { status: 400, body: { error: { code: 'BadParameter' } } };
    if (method === 'PUT') {
      secrets.set(name, (JSON.parse(body) as { value: string }).value);
      return { status: 200, body: { value: secrets.get(name), id: name } };
    }
    const value = secrets.get(name);
    if (rest === 'versions')
      return { status: 200, body: { value: value === undefined ? [] : [{ id: name }] } };
    return value === undefined
      ? { status: 404, body: { error: { code: 'SecretNotFound' } } }
      : { status: 200, body: { value, id: name } };
  });
}
