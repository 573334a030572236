import type {
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  HookData,
  ProgrammingModel,
} from './core-api.ts';

export interface RegisteredFunction {
  readonly id: string;
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

/**
 * What the one app of this process has registered. One, because the library is a singleton: it asks for the core
 * module once and keeps it.
 */
export const registry = {
  model: undefined as ProgrammingModel | undefined,
  functions: new Map<string, RegisteredFunction>(),
  hooks: {
    appStart: [] as HookCallback[],
    appTerminate: [] as HookCallback[],
    preInvocation: [] as HookCallback[],
    postInvocation: [] as HookCallback[],
    log: [] as HookCallback[],
  },
  /** Shared by the hooks of the app's start and end. */
  appLevelHookData: {} as HookData,
  /** Shared by every hook. */
  sharedHookData: {} as HookData,
  /** Set when start-up is over; registering a function fails from then on. */
  locked: false,
};

export type HookName = keyof typeof registry.hooks;
