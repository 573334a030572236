/**
 * Here at once, or later. What this process knows by itself is not waited for: a promise for it would cost a delivery more
 * than what it is a promise of.
 */
export type Awaitable<Value> = Value | Promise<Value>;

/** Whether it has to be waited for. */
export const isPending = <Value>(value: Awaitable<Value>): value is Promise<Value> =>
  value instanceof Promise;

/** Goes on with a value, at once where it is here. What is thrown on the way is thrown, or rejects what is returned. */
export function andThen<Value, Result>(
  value: Awaitable<Value>,
  use: (value: Value) => Awaitable<Result>,
): Awaitable<Result> {
  return value instanceof Promise ? value.then(use) : use(value);
}

/** Does work, and something else in its place where it fails, at once or later. */
export function orElse<Value>(
  work: () => Awaitable<Value>,
  otherwise: (thrown: unknown) => Awaitable<Value>,
): Awaitable<Value> {
  try {
    const value = work();
    return value instanceof Promise ? value.catch(otherwise) : value;
  } catch (thrown) {
    return otherwise(thrown);
  }
}

/** Does work, and something last however it ends, at once or later. */
export function andFinally<Value>(
  work: () => Awaitable<Value>,
  last: () => Awaitable<void>,
): Awaitable<Value> {
  let value: Awaitable<Value>;
  try {
    value = work();
  } catch (thrown) {
    return andThen(last(), () => {
      throw thrown;
    });
  }
  return value instanceof Promise ? value.finally(last) : afterwards(value, last());
}

const afterwards = <Value>(value: Value, last: Awaitable<void>): Awaitable<Value> =>
  last instanceof Promise ? last.then(() => value) : value;
