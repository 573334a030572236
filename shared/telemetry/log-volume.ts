import type { Clock } from '../clock.ts';
import { isDevelopment } from '../settings/table.ts';
import type { CoreSettings } from '../settings/table.ts';
import { consoleSum } from './delivery-log.ts';
import type { DeliveryLogEntry, Fields, Level, LogVolume, WrittenEntry } from './delivery-log.ts';

/** A delivery that takes longer is slow: its entry has the time of each stage and check. */
const SLOW_MS = 1000;
/** An older key set is a finding, and the alert `key-age` looks for it. */
const OLD_KEYS_SECONDS = 3600;

/**
 * Decides how much of the deliveries is logged: what `DELIVERY_LOG` says, and of refusals the first few of a kind in a
 * minute. The rest are counted and written as one line of each kind, so that a flood of requests cannot buy a log bill.
 */
export function logVolume(settings: CoreSettings, clock: Clock): LogVolume {
  const { DELIVERY_LOG: detail } = settings;
  if (detail === 'full') return everything;
  // A developer looks for the entry of each request.
  const { admits, flush } = isDevelopment(settings) ? everything : repeats(clock, consoleSum);
  return {
    entryOf(level, entry) {
      const { delivery, verdict, reason = '', status } = entry;
      const isRefused = verdict !== 'accepted';
      if (isRefused && !admits(level, { delivery, verdict, reason, status })) return undefined;
      if (detail === 'exceptions' && !isException(entry)) return undefined;
      return shortened(entry);
    },
    admits,
    flush,
  };
}

/** Writes all there is. */
export const everything: LogVolume = {
  entryOf: (_level, entry) => entry,
  admits: () => true,
  flush() {},
};

const isSlow = ({ milliseconds }: DeliveryLogEntry) => milliseconds > SLOW_MS;
const hasOldKeys = ({ keyAgeSeconds = 0 }: DeliveryLogEntry) => keyAgeSeconds > OLD_KEYS_SECONDS;

/** Refused, failed, slow, or with something to report. */
const isException = (entry: DeliveryLogEntry) =>
  entry.status >= 400 ||
  isSlow(entry) ||
  hasOldKeys(entry) ||
  entry.reported !== undefined ||
  entry.outcomes?.['unusable'] !== undefined;

/**
 * Without what only an observation of tokens needs, and without times where nothing was slow or refused. Members that are
 * undefined are left out of the JSON.
 */
function shortened(entry: DeliveryLogEntry): WrittenEntry {
  const isTimed = entry.status >= 400 || isSlow(entry);
  return {
    ...entry,
    stages: isTimed ? entry.stages : undefined,
    checks: isTimed ? entry.checks : undefined,
    keyAgeSeconds: hasOldKeys(entry) ? entry.keyAgeSeconds : undefined,
    tokenFingerprint: undefined,
    tokenClaims: undefined,
    tokenLifeSeconds: undefined,
    tokenAgeSeconds: undefined,
    tokenExpiresInSeconds: undefined,
  };
}

/** Lines of one kind that are written before the others are counted, and lines of all kinds together. */
const WRITTEN_OF_A_KIND = 3;
const WRITTEN_OF_ALL = 30;
const WINDOW_MS = 60_000;

/**
 * Lets the first few lines of each kind through, and counts the rest until the minute ends. The fields of a kind have a few
 * known values, so there are few kinds.
 *
 * @param write gets the number of lines that were not let through
 */
export function repeats(
  clock: Pick<Clock, 'after'>,
  write: (level: Level, kind: Fields, count: number) => void,
): Pick<LogVolume, 'admits' | 'flush'> {
  const kinds = new Map<string, { level: Level; kind: Fields; seen: number; counted: number }>();
  let written = 0;
  let cancel: (() => void) | undefined;

  function flush(): void {
    cancel?.();
    cancel = undefined;
    const due = [...kinds.values()];
    kinds.clear();
    written = 0;
    for (const { level, kind, counted } of due) if (counted > 0) write(level, kind, counted);
  }

  return {
    admits(level, kind) {
      cancel ??= clock.after(WINDOW_MS, flush);
      const name = JSON.stringify(kind);
      const found = kinds.get(name) ?? { level, kind, seen: 0, counted: 0 };
      kinds.set(name, found);
      const isAdmitted = found.seen < WRITTEN_OF_A_KIND && written < WRITTEN_OF_ALL;
      if (isAdmitted) {
        found.seen++;
        written++;
      } else found.counted++;
      return isAdmitted;
    },
    flush,
  };
}
