/** Does work, at once or when there is room for it. */
export type Limiter = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Lets so many pieces of work run at a time, and the others wait in the order of their arrival. It stands for the platform,
 * which gives an instance no more than `perInstanceConcurrency` requests.
 */
export function limiter(slots: number): Limiter {
  let free = slots;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
