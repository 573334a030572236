import { fault, warning, well } from '../finding.ts';
import type { Finding } from '../finding.ts';
import type { Context } from '../context.ts';

const CHECK = 'clock';
/** What a `Date` in whole seconds and the way there make of two clocks that agree, in seconds. */
const UNSURE = 2;

/** Whether this machine's clock is within the tolerance of those of the services. */
export function checkClock({ clocks, settings }: Context): Finding[] {
  const ahead = [...clocks.ahead()];
  if (ahead.length === 0) {
    return [
      warning(CHECK, 'no service answered, so there is nothing to hold it against', 'mend the faults above'),
    ];
  }
  const off = ahead.filter(([, by]) => Math.abs(by) > Math.max(UNSURE, settings.CLOCK_TOLERANCE_SECONDS));
  if (off.length === 0)
    return [well(CHECK, `agrees with ${ahead.length === 1 ? 'one service' : `${ahead.length} services`}`)];
  return off.map(([host, by]) =>
    fault(
      CHECK,
      `${Math.abs(Math.round(by))} s ${by > 0 ? 'ahead of' : 'behind'} ${host}`,
      'set the clock of this machine by NTP; tokens are refused beyond CLOCK_TOLERANCE_SECONDS',
    ),
  );
}
