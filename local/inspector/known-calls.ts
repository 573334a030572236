/** A call with all its names. */
export type KnownCall = {
  readonly id: string;
  readonly names: Record<string, string>;
  /** Ids of its deliveries, in the order of arrival. */
  readonly deliveries: number[];
};

const MAX_DELIVERIES = 1000;

/** The latest calls, each found by any of its names. */
export function knownCalls(max: number) {
  const byName = new Map<string, KnownCall>();
  const known = new Set<KnownCall>();

  function forget(call: KnownCall): void {
    known.delete(call);
    for (const name of Object.values(call.names)) if (byName.get(name) === call) byName.delete(name);
  }

  return {
    /** Returns the id of the call; undefined where there is no name. */
    add(delivery: number, names: Readonly<Record<string, string>>): string | undefined {
      const [first] = Object.values(names);
      if (first === undefined) return undefined;
      const found = Object.values(names).find((name) => byName.has(name));
      const call = (found && byName.get(found)) || { id: first, names: {}, deliveries: [] };
      for (const [what, name] of Object.entries(names)) {
        // A call that is placed and answered here has two connections. Both are found; the first is shown.
        call.names[what] ??= name;
        byName.set(call.names[what], call);
      }
      known.add(call);
      if (!call.deliveries.includes(delivery) && call.deliveries.length < MAX_DELIVERIES)
        call.deliveries.push(delivery);
      for (const oldest of known) {
        if (known.size <= max) break;
        forget(oldest);
      }
      return call.id;
    },
    get: (name: string): KnownCall | undefined => byName.get(name),
    /** A delivery is no longer kept. */
    drop(delivery: number, id: string): void {
      const call = byName.get(id);
      const at = call?.deliveries.indexOf(delivery) ?? -1;
      if (!call || at < 0) return;
      call.deliveries.splice(at, 1);
      if (call.deliveries.length === 0) forget(call);
    },
    size: () => known.size,
  };
}
