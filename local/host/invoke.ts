import { registry } from './functions-core.ts';
import type {
  CoreInvocationContext,
  HookName,
  InvocationRequest,
  InvocationResponse,
  RegisteredFunction,
} from './functions-core.ts';
import { HostError } from './host-error.ts';
import { writeLog } from './log.ts';
import type { HookData, LogCategory, LogLevel } from './log.ts';

/** Runs the hooks of that name one after the other; the first that throws ends it. */
export async function runHooks(name: HookName, context: object): Promise<void> {
  for (const hook of registry.hooks[name]) await hook(context);
}

/**
 * One invocation in the worker's order: arguments, `preInvocation` hooks, handler, `postInvocation` hooks, response.
 * Hooks may replace the inputs, the handler, the result and the error.
 * @throws what a hook, the handler or the conversion of its result threw; it has been logged.
 */
export async function invoke(
  fn: RegisteredFunction,
  request: InvocationRequest,
): Promise<InvocationResponse> {
  let scope: { hookData: HookData; invocationContext: unknown } | undefined;
  const log = (level: LogLevel, category: LogCategory, message: string) =>
    writeLog(
      { level, category, function: fn.metadata.name, invocation: request.invocationId, message },
      scope,
    );
  const core: CoreInvocationContext = {
    invocationId: request.invocationId,
    request,
    metadata: { ...fn.metadata, functionId: fn.id },
    log,
  };

  try {
    if (!registry.model) throw new HostError('The app has set no programming model.');
    const model = await registry.model.getInvocationModel(core);
    const { context, inputs } = await model.getArguments();
    scope = { hookData: {}, invocationContext: context };

    const before = { ...hookScope(scope), inputs, functionCallback: fn.callback };
    await during(core, 'preInvocationHooks', () => runHooks('preInvocation', before));

    const after = {
      ...hookScope(scope),
      inputs: before.inputs,
      result: null as unknown,
      error: null as unknown,
    };
    await during(core, 'invocation', async () => {
      try {
        after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
      } catch (error) {
        after.error = error;
      }
    });
    await during(core, 'postInvocationHooks', () => runHooks('postInvocation', after));

    if (after.error !== null && after.error !== undefined) throw after.error;
    return await model.getResponse(context, after.result);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log('error', 'system', `Executed '${fn.metadata.name}' (Failed): ${text}`);
    throw error;
  }
}

function hookScope(scope: { hookData: HookData; invocationContext: unknown }) {
  return { ...scope, appHookData: registry.sharedHookData };
}

async function during(
  core: CoreInvocationContext,
  state: NonNullable<CoreInvocationContext['state']>,
  work: () => Promise<void>,
): Promise<void> {
  core.state = state;
  try {
    await work();
  } finally {
    core.state = undefined;
  }
}
