import type { Clock } from '../../shared/clock.ts';
import type { SignIn } from '../../shared/secrets/credential.ts';
import { inspectSettings } from '../../shared/settings/settings.ts';
import type { Settings } from '../../shared/settings/settings.ts';
import { isLoopback } from '../../shared/settings/table.ts';
import type { Environment } from '../../shared/settings/table.ts';
import { signInHere } from '../../local/senders.ts';
import { observedClockSkew, type ObservedClockSkew } from './observed-clock-skew.ts';

/** What the checks examine: the settings as far as they can be read, and the means to ask the services that they name. */
export type Context = {
  readonly environment: Environment;
  readonly settings: Settings;
  /** Faults that stop the start of the app. */
  readonly faults: readonly string[];
  /** What the app starts with, and logs. */
  readonly warnings: readonly string[];
  readonly signIn: SignIn;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  /** The clock skew against the services that `fetch` has asked. */
  readonly clockSkew: ObservedClockSkew;
};

export function contextOf(environment: Environment, clock: Clock): Context {
  const { settings, faults, warnings } = inspectSettings(environment);
  const clockSkew = observedClockSkew(globalThis.fetch, clock);
  return {
    environment,
    settings,
    faults,
    warnings,
    signIn: signInHere(settings),
    clock,
    fetch: clockSkew.fetch,
    clockSkew,
  };
}

/** Whether an address from a setting can be asked. The checks of the settings report one that is unreadable, or plain http. */
export function canAsk({ faults }: Context, name: string, address: string | undefined): address is string {
  if (!address || faults.some((fault) => fault.startsWith(`${name} must `))) return false;
  return address.startsWith('https:') || isLoopback(address);
}
