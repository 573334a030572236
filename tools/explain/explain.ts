import { systemClock } from '../../shared/clock.ts';
import { Outage } from '../../shared/errors.ts';
import { provingOf } from '../../shared/proving.ts';
import type { Proving } from '../../shared/proving.ts';
import type { SecretVersions } from '../../shared/secrets/versions.ts';
import type { Reason } from '../../shared/reasons.ts';
import { createSecrets } from '../../shared/secrets/create-secrets.ts';
import { readSettings } from '../../shared/settings.ts';
import type { Environment } from '../../shared/settings.ts';
import type { Note } from '../../shared/telemetry/delivery-log.ts';
import { askedOf } from './asked.ts';
import { judge } from './judge.ts';
import { keyShown } from './key-shown.ts';
import { readCaptured } from './read.ts';
import { report } from './report.ts';
import { tokenShown } from './token-shown.ts';

/** What another time would mend. */
const OF_TIME: readonly Reason[] = [
  'callback-key-expired',
  'callback-key-too-far-ahead',
  'token-expired',
  'token-life-too-long',
  'token-not-yet-valid',
  'token-issued-in-future',
  'token-too-old',
];

/**
 * Judges a captured request by the checks, the settings and the keys of the app, and says what came of it.
 *
 * @param given the request, in any of its forms
 * @param options `at` in seconds since the epoch; without it, now
 * @throws Unreadable, SettingsError
 */
export async function explain(
  given: Buffer,
  options: { environment: Environment; at: number | undefined; route: string | undefined },
): Promise<{ readonly text: string; readonly code: number }> {
  const captured = readCaptured(given);
  const asked = askedOf(captured, options.route);
  const at = options.at ?? systemClock.now();
  const notes: string[] = [];
  const note: Note = (_level, event, { why }) => {
    notes.push(why === undefined ? event : `${event}: ${why}`);
  };
  const judgedAt = (now: number, told: Note) => judge(provingAt(options.environment, now, told), asked);
  const judged = await judgedAt(at, note);
  const token = tokenShown(asked.received, at);
  const issued = judged.reason && OF_TIME.includes(judged.reason) ? token?.issued : undefined;
  const whenIssued = issued === undefined ? undefined : await judgedAt(issued, () => {});

  return report({
    asked,
    judged,
    at,
    isPast: options.at !== undefined,
    token,
    key: keyShown(asked.received, at),
    goodWhenIssued: whenIssued !== undefined && whenIssued.reason === undefined ? issued : undefined,
    notes: [...captured.notes, ...new Set(notes)],
  });
}

/** What the app proves with, at another time. Only the issuer and the vault are ever asked. */
function provingAt(environment: Environment, now: number, note: Note): Proving {
  const settings = readSettings(environment);
  const clock = { ...systemClock, now: () => now };
  // With the settings of a deployed app in hand it is still this machine that signs in.
  const signIn = { inAzure: settings.IDENTITY_ENDPOINT !== undefined, clientId: settings.AZURE_CLIENT_ID };
  const proving = provingOf(settings, createSecrets(settings, { clock, note, signIn }), clock, note);
  return settings.CALLBACK_KEY_SECRET ? proving : { ...proving, callbackSecret: unknownRing };
}

/** Without a name the secret is random in each process of the app, and nobody else knows it. */
const unknownRing: SecretVersions = {
  versions: () => Promise.reject(new Outage('callback-secret-unavailable')),
  present: () => Promise.reject(new Outage('callback-secret-unavailable')),
  find: () => Promise.reject(new Outage('callback-secret-unavailable')),
  warm: async () => {},
  isAvailable: () => false,
};
