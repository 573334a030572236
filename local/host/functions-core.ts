/**
 * What an app gets for `@azure/functions-core`, the module that the Node worker supplies at run time: this file's
 * exports, behaving as the worker's `src/coreApi` does. The programming model of 4.16 uses `setProgrammingModel`,
 * `registerFunction`, `registerHook` and `log`.
 */
import type {
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  LogCategory,
  LogLevel,
  ProgrammingModel,
} from './core-api.ts';
import { HostError } from './host-error.ts';
import { writeLog } from './log.ts';
import { type HookName, registry } from './registry.ts';

/** The worker and host whose behaviour this one follows. */
export const version = '3.12.0';
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
