/**
 * What an app gets for `@azure/functions-core`, the module that the Node worker supplies at run time. It behaves as the
 * worker's `src/coreApi` does. The programming model of 4.16 uses `setProgrammingModel`, `registerFunction`,
 * `registerHook` and `log`. The shapes are those of the worker's `types-core/index.d.ts`, narrowed to HTTP triggers.
 */
import { registerHooks } from 'node:module';
import { HostError } from './host-error.ts';
import { logHooks, sharedHookData, writeLog } from './log.ts';
import type { HookCallback, HookData, LogCategory, LogLevel } from './log.ts';

export interface RpcTypedData {
  string?: string;
  json?: string;
  bytes?: Uint8Array;
  http?: RpcHttpData;
}

type NullableStrings = Record<string, { value: string }>;

/** A request to the worker, or an answer from it (statusCode, headers, cookies). */
export interface RpcHttpData {
  method?: string;
  url?: string;
  nullableHeaders?: NullableStrings;
  nullableQuery?: NullableStrings;
  nullableParams?: NullableStrings;
  body?: RpcTypedData | null;
  statusCode?: string;
  headers?: Record<string, string>;
  cookies?: RpcHttpCookie[];
}

export interface RpcHttpCookie {
  name?: string;
  value?: string;
  domain?: { value: string };
  path?: { value: string };
  /** `seconds` since the epoch. */
  expires?: { value: { seconds: number } };
  maxAge?: { value: number };
  secure?: { value: boolean };
  httpOnly?: { value: boolean };
  sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
}

export interface InvocationRequest {
  invocationId: string;
  functionId: string;
  inputData: { name: string; data: RpcTypedData }[];
  triggerMetadata: Record<string, RpcTypedData>;
  traceContext: { traceParent: string; traceState: string; attributes: Record<string, string> };
}

export interface InvocationResponse {
  returnValue?: RpcTypedData | null;
}

interface Binding {
  type: string;
  direction: 'in' | 'out' | 'inout';
  route?: string;
  methods?: string[];
  [property: string]: unknown;
}

interface FunctionMetadata {
  name: string;
  functionId?: string;
  bindings: Record<string, Binding>;
}

type FunctionCallback = (...inputs: unknown[]) => unknown;

export interface CoreInvocationContext {
  invocationId: string;
  request: InvocationRequest;
  metadata: FunctionMetadata;
  /** Where the invocation stands. The library takes a log call outside of it for one that nobody awaits. */
  state?: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  log(level: LogLevel, category: LogCategory, message: string): void;
}

interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

interface ProgrammingModel {
  name: string;
  version: string;
  getInvocationModel(core: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities?(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

export interface RegisteredFunction {
  readonly id: string;
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

/** What the one app of this process has registered. One, because the library asks for this module once and keeps it. */
export const registry = {
  model: undefined as ProgrammingModel | undefined,
  functions: new Map<string, RegisteredFunction>(),
  hooks: {
    appStart: [] as HookCallback[],
    appTerminate: [] as HookCallback[],
    preInvocation: [] as HookCallback[],
    postInvocation: [] as HookCallback[],
    log: logHooks,
  },
  /** Shared by the hooks of the app's start and end. */
  appLevelHookData: {} as HookData,
  sharedHookData,
  /** Set when start-up is over: registering a function fails from then on. */
  locked: false,
};

export type HookName = keyof typeof registry.hooks;

/** The worker and the host whose behaviour is followed: docs/local-host.md. */
export const version = '3.9.1';
export const hostVersion = '4.1037.0';

export function setProgrammingModel(model: ProgrammingModel): void {
  registry.model = model;
}

export function getProgrammingModel(): ProgrammingModel | undefined {
  return registry.model;
}

/** @throws HostError when start-up is over, or when the name is taken. */
export function registerFunction(metadata: FunctionMetadata, callback: FunctionCallback) {
  if (registry.locked) throw new HostError('A function can only be registered during app startup.');
  const id = metadata.functionId ?? metadata.name;
  if (registry.functions.has(id)) {
    throw new HostError(`A function with id "${id}" has already been registered.`);
  }
  registry.functions.set(id, { id, metadata, callback });
  return {
    dispose() {
      if (registry.locked) throw new HostError('A function can only be disposed during app startup.');
      registry.functions.delete(id);
    },
  };
}

/** @throws RangeError for a name that is no hook. */
export function registerHook(name: string, callback: HookCallback) {
  if (!Object.hasOwn(registry.hooks, name)) throw new RangeError(`Unrecognized hook "${name}"`);
  const hooks = registry.hooks[name as HookName];
  hooks.push(callback);
  return {
    dispose() {
      const index = hooks.indexOf(callback);
      if (index >= 0) hooks.splice(index, 1);
    },
  };
}

export function log(level: LogLevel, category: LogCategory, message: string): void {
  writeLog({ level, category, function: null, invocation: null, message });
}

let installed = false;

/**
 * Answers `require('@azure/functions-core')` with this file, for every caller and folder, so that a bundle without
 * node_modules gets it too. Only `require`, as the worker patches only that: an app that imports the name from ESM source
 * fails in Azure, and here as well.
 *
 * Call it before the app is imported. The library asks once, at its first registration. Without an answer it goes into
 * its test mode, which registers nothing.
 */
export function installCore(): void {
  if (installed) return;
  installed = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      // An array by its documentation, a set in Node 22.
      if (specifier === '@azure/functions-core' && new Set(context.conditions).has('require')) {
        return { url: import.meta.url, shortCircuit: true };
      }
      return nextResolve(specifier, context);
    },
  });
}
