type Action = (...given: readonly unknown[]) => unknown;

/**
 * Makes the errors of actions say which action failed and where it was called. The stack of an SDK's own error begins where
 * the response arrived.
 *
 * @param of what the actions belong to, such as `call`
 */
export function traceable<Actions extends object>(of: string, actions: Actions): Actions {
  const traced = Object.entries(actions as Record<string, unknown>).map(([name, value]) => [
    name,
    typeof value === 'function' ? tracing(`${of}.${name}`, value as Action) : value,
  ]);
  return Object.fromEntries(traced) as Actions;
}

function tracing(action: string, act: Action): Action {
  return async (...given) => {
    const called = new Error();
    try {
      return await act(...given);
    } catch (thrown) {
      // The reason of an abort is thrown by each action that it ends: it names the first of them.
      if (thrown instanceof Error && !('action' in thrown) && Object.isExtensible(thrown)) {
        // The first two lines are the name and this function.
        const places = called.stack?.split('\n').slice(2).join('\n');
        Object.assign(thrown, { action, stack: `${thrown.stack}\n${places}` });
      }
      throw thrown;
    }
  };
}
