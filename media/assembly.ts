import type { Assembly } from '../shared/assembly.ts';
import { upgradeChecks } from '../shared/checks/call-automation.ts';
import { SettingsError } from '../shared/settings.ts';
import type { Settings } from '../shared/settings.ts';
import type { Admission } from './admission/admit.ts';
import type { HostLimits } from './host.ts';

/**
 * Who is let in, as the settings say.
 *
 * @throws SettingsError where it is not said whose tokens count
 */
export function admissionOf(assembly: Assembly): Admission {
  // While the ledger is out nobody can say whether a ticket is in use, so nobody is let in.
  const { settings, clock, strictLedger: ledger } = assembly;
  const { ACS_RESOURCE_ID: audiences, CLOCK_TOLERANCE_SECONDS: toleranceSeconds } = settings;
  if (!audiences) throw new SettingsError(['ACS_RESOURCE_ID is missing: without it no socket can be let in']);
  return {
    checks: upgradeChecks(assembly, audiences),
    ledger,
    leaseSeconds: settings.LEDGER_LEASE_SECONDS,
    tokenReuse: settings.TOKEN_REUSE,
    callBinding: settings.CALL_BINDING,
    toleranceSeconds,
    timeoutSeconds: settings.HANDLER_TIMEOUT_SECONDS,
    clock,
  };
}

export const limitsOf = (settings: Settings): HostLimits => ({
  frameBytes: settings.MEDIA_MAX_FRAME_BYTES,
  framesPerSecond: settings.MEDIA_MAX_FRAMES_PER_SECOND,
  queuedBytes: settings.MEDIA_MAX_QUEUED_BYTES,
  heartbeatSeconds: settings.MEDIA_HEARTBEAT_SECONDS,
  idleSeconds: settings.MEDIA_IDLE_SECONDS,
  sockets: settings.MEDIA_MAX_SOCKETS,
  unproved: settings.MEDIA_MAX_UNPROVED,
  headerSeconds: settings.MEDIA_HEADER_SECONDS,
});
