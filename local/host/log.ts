export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';
export type LogCategory = 'user' | 'system' | 'customMetric';
export type HookData = Record<string, unknown>;
export type HookCallback = (context: object) => void | Promise<void>;

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

/** The app's log hooks. */
export const logHooks: HookCallback[] = [];
/** Shared by every hook of the app. */
export const sharedHookData: HookData = {};
let sink: (entry: LogEntry) => void = () => {};

export function sendLogsTo(listener: (entry: LogEntry) => void): void {
  sink = listener;
}

/**
 * Shows the entry to the app's log hooks and passes it on. The hooks may change level and message of the app's own
 * entries, but not of the system's. They are not awaited. A hook that throws loses only its own change, as in the worker.
 */
export function writeLog(entry: LogEntry, scope?: { hookData: HookData; invocationContext: unknown }): void {
  const seen = {
    level: entry.level,
    message: entry.message,
    category: entry.category,
    hookData: scope?.hookData ?? {},
    appHookData: sharedHookData,
    invocationContext: scope?.invocationContext,
  };
  try {
    for (const hook of logHooks) void hook(seen);
    if (entry.category === 'user') entry = { ...entry, level: seen.level, message: seen.message };
  } catch {
    // A user's hook must not suppress an entry.
  }
  if (entry.level !== 'none') sink(entry);
}

/** An entry of this host's own, outside any invocation. */
export function hostLog(level: LogLevel, message: string): void {
  writeLog({ level, category: 'system', function: null, invocation: null, message });
}
