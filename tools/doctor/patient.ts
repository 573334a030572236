import { systemClock } from '../../shared/clock.ts';
import type { Clock } from '../../shared/clock.ts';
import { isLoopback } from '../../shared/settings.ts';
import type { Environment, Settings } from '../../shared/settings.ts';
import { inspectSettings } from '../../shared/settings.ts';
import type { SignIn } from '../../shared/secrets/credential.ts';
import { overheardClocks } from './overheard-clocks.ts';
import type { OverheardClocks } from './overheard-clocks.ts';

/** What is examined: the settings as far as they can be read, and what it takes to ask the services that they name. */
export type Patient = {
  readonly environment: Environment;
  readonly settings: Settings;
  /** What the app itself would not start with. */
  readonly faults: readonly string[];
  readonly signIn: SignIn;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  /** The clocks of the services that `fetch` has asked. */
  readonly clocks: OverheardClocks;
};

export function patientOf(environment: Environment): Patient {
  const { settings, faults } = inspectSettings(environment);
  const clocks = overheardClocks(globalThis.fetch, systemClock);
  return {
    environment,
    settings,
    faults,
    // With the settings of a deployed app in hand it is still this machine that signs in.
    signIn: { inAzure: settings.IDENTITY_ENDPOINT !== undefined, clientId: settings.AZURE_CLIENT_ID },
    clock: systemClock,
    fetch: clocks.fetch,
    clocks,
  };
}

/** Whether a setting is there to be gone by: one that cannot be read, or over http, is told of among the settings. */
export function canAsk({ faults }: Patient, name: string, address: string | undefined): address is string {
  if (!address || faults.some((fault) => fault.startsWith(`${name} must `))) return false;
  return address.startsWith('https:') || isLoopback(address);
}
