import { open } from 'node:fs/promises';

/** What the app's memory came to, in bytes. */
export type Weight = { readonly alive: number; readonly resident: number; readonly handled: number };

/** Events that nobody may ever handle are called so. */
export const FORGED = 'forged';
const GENUINE = /^soak-(\d+)$/;

/**
 * Holds what the handlers wrote down against what was sent. The numbers of genuine events count up, so that what is known
 * of each takes a byte, however long it goes on.
 */
export function newBooks(journal: string) {
  let handled = new Uint8Array(1 << 16);
  let next = 0;
  let times = 0;
  let offset = 0;
  let rest = '';
  const weights: Weight[] = [];
  const violations = new Map<string, number>();
  const tallies = new Map<string, number>();

  const add = (to: Map<string, number>, what: string) => void to.set(what, (to.get(what) ?? 0) + 1);
  /** Told at once when it happens for the first time, since what the weather was then may explain it. */
  function violated(what: string): void {
    if (!violations.has(what)) console.log(`  ${new Date().toISOString()} ${what}`);
    add(violations, what);
  }

  function take(line: string): void {
    const [what, id = '', second = ''] = line.split(' ');
    if (what === 'memory') weights.push({ alive: Number(id), resident: Number(second), handled: times });
    if (what !== 'began') return;
    const number = GENUINE.exec(id)?.[1];
    if (number === undefined) return violated('an event was handled that no genuine request brought');
    times++;
    const before = handled[Number(number)] ?? 0;
    if (before > 0) console.log(`  ${new Date(Number(second)).toISOString()} ${id} was handled again`);
    handled[Number(number)] = Math.min(255, before + 1);
  }

  return {
    violated,
    /** Counts something that is as it should be. */
    count: (what: string) => add(tallies, what),
    /** The id of the next genuine event. */
    newId(): string {
      if (next === handled.length) {
        const larger = new Uint8Array(2 * next);
        larger.set(handled);
        handled = larger;
      }
      return `soak-${next++}`;
    },
    /** Reads what the handlers wrote since the last time. */
    async read(): Promise<void> {
      const file = await open(journal);
      try {
        for (;;) {
          const { bytesRead, buffer } = await file.read(Buffer.alloc(1 << 20), 0, 1 << 20, offset);
          if (bytesRead === 0) return;
          offset += bytesRead;
          const lines = (rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) take(line);
        }
      } finally {
        await file.close();
      }
    },
    /** To be called when every event has been answered 200 and the journal has been read. */
    close(): void {
      for (let number = 0; number < next; number++) {
        if (handled[number] === 0) violated('a genuine event was lost');
        else if (handled[number] !== 1) violated('a genuine event was handled more than once');
      }
    },
    events: () => next,
    handled: () => times,
    weights: () => weights as readonly Weight[],
    violations: () => [...violations].map(([what, number]) => `${what}: ${number}`),
    tallies: () => [...tallies].sort(([one], [other]) => (one < other ? -1 : 1)),
  };
}

export type Books = ReturnType<typeof newBooks>;
