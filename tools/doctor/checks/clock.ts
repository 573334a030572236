import { fault, warning, well } from '../finding.ts';
import type { Finding } from '../finding.ts';
import type { Context } from '../context.ts';

const CHECK = 'clock';
/** Two clocks that agree may seem this far apart: a `Date` counts whole seconds, and the response takes its time. */
const ERROR_SECONDS = 2;

/** Whether this machine's clock is within the tolerance of those of the services. */
export function checkClock({ clockSkew, settings }: Context): Finding[] {
  if (!clockSkew.isAsked()) return [];
  const ahead = [...clockSkew.secondsAhead()];
  if (ahead.length === 0) {
    return [
      warning(
        CHECK,
        'no service answered, so there is no clock to compare with',
        'correct the faults above, then run this again',
      ),
    ];
  }
  const off = ahead.filter(
    ([, by]) => Math.abs(by) > Math.max(ERROR_SECONDS, settings.CLOCK_TOLERANCE_SECONDS),
  );
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
