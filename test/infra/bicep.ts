import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const infra = join(import.meta.dirname, '../../infra');

export type Diagnostic = {
  readonly source: string;
  readonly level: 'Info' | 'Warning' | 'Error';
  readonly code: string;
  readonly message: string;
};
/** A resource that a deployment would make. What only Azure knows stays an expression, in brackets. */
export type Resource = {
  readonly id?: string;
  readonly type: string;
  readonly name?: string;
  readonly apiVersion?: string;
  readonly properties?: unknown;
};
/** The template that the compiler makes of a file, as far as the tests read it. */
export type Template = {
  readonly parameters: Readonly<Record<string, { readonly type?: string; readonly metadata?: object }>>;
  readonly outputs: Readonly<Record<string, { readonly metadata?: object }>>;
};
export type Bicep = {
  /** Compiles a file of Bicep. The diagnostics are those of the compiler and of the linter. */
  compile(path: string): Promise<{ diagnostics: readonly Diagnostic[]; template: Template }>;
  /**
   * Evaluates the whole deployment for a file of parameters, without Azure.
   *
   * @param resourceGroup of a template that is deployed into one
   */
  evaluate(bicepparam: string, resourceGroup?: string): Promise<readonly Resource[]>;
  /** The text of a file of Bicep as the formatter writes it. */
  format(path: string): Promise<string>;
  stop(): void;
};

const METADATA = {
  tenantId: '11111111-1111-1111-1111-111111111111',
  subscriptionId: '22222222-2222-2222-2222-222222222222',
  location: 'westeurope',
  deploymentName: 'main',
};

/** Whether the Bicep CLI is on the PATH. */
export function hasBicep(): boolean {
  return spawnSync('bicep', ['--version']).status === 0;
}

/** Starts the Bicep CLI once for all questions: a process for each would take seconds to warm up. */
export function startBicep(): Bicep {
  const child = spawn('bicep', ['jsonrpc', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let received = Buffer.alloc(0);
  let last = 0;

  child.on('error', fail);
  child.on('exit', (code) => fail(new Error(`bicep ended with ${code}`)));
  child.stdout.on('data', (data: Buffer) => {
    received = Buffer.concat([received, data]);
    for (let message = takeMessage(); message !== undefined; message = takeMessage()) settle(message);
  });

  function fail(error: Error): void {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  /** A message of JSON-RPC has a header with its length, as in the Language Server Protocol. */
  function takeMessage(): string | undefined {
    const start = received.indexOf('\r\n\r\n') + 4;
    if (start < 4) return undefined;
    const length = Number(/Content-Length: (\d+)/i.exec(received.toString('latin1', 0, start))?.[1]);
    if (received.length < start + length) return undefined;
    const message = received.toString('utf8', start, start + length);
    received = received.subarray(start + length);
    return message;
  }

  function settle(message: string): void {
    const { id, result, error } = JSON.parse(message) as {
      id: number;
      result?: unknown;
      error?: { message: string };
    };
    const question = waiting.get(id);
    waiting.delete(id);
    if (error) question?.reject(new Error(error.message));
    else question?.resolve(result);
  }

  function ask<Answer>(method: string, params: object): Promise<Answer> {
    const question = Promise.withResolvers<unknown>();
    waiting.set(++last, question);
    const body = JSON.stringify({ jsonrpc: '2.0', id: last, method, params });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    return question.promise as Promise<Answer>;
  }

  return {
    async compile(path) {
      type Compiled = { diagnostics: readonly Diagnostic[]; contents?: string };
      const { diagnostics, contents } = await ask<Compiled>('bicep/compile', { path });
      return { diagnostics, template: JSON.parse(contents ?? '{}') as Template };
    },
    async evaluate(path, resourceGroup) {
      const { snapshot } = await ask<{ snapshot: string }>('bicep/getSnapshot', {
        path,
        metadata: { ...METADATA, resourceGroup },
      });
      return (JSON.parse(snapshot) as { predictedResources: readonly Resource[] }).predictedResources;
    },
    async format(path) {
      return (await ask<{ contents: string }>('bicep/format', { path })).contents;
    },
    stop: () => void child.kill(),
  };
}
