import type { HookData, LogCategory, LogLevel } from './core-api.ts';
import { registry } from './registry.ts';

export interface LogEntry {
  level: LogLevel;
  /** `user` for what a handler logged, `system` for the library and this host. */
  category: LogCategory;
  /** The function's name, or null outside an invocation. */
  function: string | null;
  /** The invocation id, or null outside an invocation. */
  invocation: string | null;
  message: string;
}

let sink: (entry: LogEntry) => void = () => {};

export function sendLogsTo(listener: (entry: LogEntry) => void): void {
  sink = listener;
}

/**
 * Shows the entry to the app's log hooks, which may change the level and the message of the app's own entries but not
 * of the system's, and hands it on. Hooks are not awaited and a hook that throws costs nothing but its own change, as
 * in the worker.
 */
export function writeLog(entry: LogEntry, scope?: { hookData: HookData; invocationContext: unknown }): void {
  const seen = {
    level: entry.level,
    message: entry.message,
    category: entry.category,
    hookData: scope?.hookData ?? {},
    appHookData: registry.sharedHookData,
    invocationContext: scope?.invocationContext,
  };
  try {
    for (const hook of registry.hooks.log) hook(seen);
    if (entry.category === 'user') entry = { ...entry, level: seen.level, message: seen.message };
  } catch {
    // A user's hook must not keep an entry from being seen.
  }
  if (entry.level !== 'none') sink(entry);
}

/** An entry of this host's own, outside any invocation. */
export function hostLog(level: LogLevel, message: string): void {
  writeLog({ level, category: 'system', function: null, invocation: null, message });
}
