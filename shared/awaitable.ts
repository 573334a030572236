/**
 * Here at once, or later. What this process knows by itself is not waited for: a promise for it would cost a delivery more
 * than what it is a promise of.
 */
export type Awaitable<Value> = Value | Promise<Value>;

/**
 * Whether it has to be waited for: by its `then`, as `await` tells, and not by a class, which a library may have put another
 * in the place of. A check that is pending must never pass for what it will have proved.
 */
export const isPending = <Value>(value: Awaitable<Value>): value is Promise<Value> => isThenable(value);

/** Whatever `await` waits for. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';

/** Goes on with a value, at once where it is here. What is thrown on the way is thrown, or rejects what is returned. */
export function andThen<Value, Result>(
  value: Awaitable<Value>,
  use: (value: Value) => Awaitable<Result>,
): Awaitable<Result> {
  return isPending(value) ? value.then(use) : use(value);
}

/** Does work, and something else in its place where it fails, at once or later. */
export function orElse<Value>(
  work: () => Awaitable<Value>,
  otherwise: (thrown: unknown) => Awaitable<Value>,
): Awaitable<Value> {
  try {
    const value = work();
    return isPending(value) ? value.then(undefined, otherwise) : value;
  } catch (thrown) {
    return otherwise(thrown);
  }
}

/** Does work, and something last however it ends, at once or later. */
export function andFinally<Value>(
  work: () => Awaitable<Value>,
  last: () => Awaitable<void>,
): Awaitable<Value> {
  const failed = (thrown: unknown) =>
    andThen(last(), () => {
      throw thrown;
    });
  let value: Awaitable<Value>;
  try {
    value = work();
  } catch (thrown) {
    return failed(thrown);
  }
  const ended = (result: Value) => andThen(last(), () => result);
  return isPending(value) ? value.then(ended, failed) : ended(value);
}
