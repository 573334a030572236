import { systemClock } from '../../shared/clock.ts';
import { Outage } from '../../shared/errors.ts';
import type { Reason } from '../../shared/reasons.ts';
import type { SecretVersions } from '../../shared/secrets/versions.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import type { Environment } from '../../shared/settings/table.ts';
import type { Note } from '../../shared/telemetry/delivery-log.ts';
import { createSecrets } from '../../shared/secrets/create-secrets.ts';
import { addresseeOf } from '../../local/inspector/parse-delivery.ts';
import { sendersOf, signInHere } from '../../local/senders.ts';
import { askedOf } from './asked.ts';
import type { Asked } from './asked.ts';
import { judge } from './judge.ts';
import type { Judge, Judged } from './judge.ts';
import { keyShown } from './key-shown.ts';
import { readCaptured } from './read.ts';
import { report } from './report.ts';
import { tokenShown } from './token-shown.ts';

/** Reasons that another time may change. */
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
 * Judges a captured request with the checks, the settings and the keys of the app, and reports the result.
 *
 * @param given the request, in any of its forms
 * @param options `at` in seconds since the epoch; without it, now
 * @throws UsageError, SettingsError
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
  const judged = await judgePatiently(judgeAt(options.environment, at, note), asked);
  const token = tokenShown(asked.received, at);
  const issued = judged.refusal && OF_TIME.includes(judged.refusal.reason) ? token?.issued : undefined;
  const whenIssued =
    issued === undefined
      ? undefined
      : await judge(
          judgeAt(options.environment, issued, () => {}),
          asked,
        );

  return report({
    asked,
    judged,
    diagnosis: judged.refusal ? await diagnosisOf(options.environment, asked, note) : [],
    at,
    isPast: options.at !== undefined,
    token,
    key: keyShown(asked.received, at),
    goodWhenIssued: whenIssued && !whenIssued.refusal ? issued : undefined,
    notes: [...captured.notes, ...new Set(notes)],
  });
}

/** What the sender's own rules say about a request that was refused. */
async function diagnosisOf(
  environment: Environment,
  { received }: Asked,
  note: Note,
): Promise<readonly string[]> {
  const { rehearsal } = addresseeOf(received.url.pathname);
  const settings = readSettings(environment);
  const secrets = createSecrets(settings, { clock: systemClock, note, signIn: signInHere(settings) });
  return (await rehearsal?.diagnose?.(received, { settings, secrets })) ?? [];
}

/** A request of the app waits for keys and secrets for two seconds. Whoever explains one can wait until they are here. */
async function judgePatiently(by: Judge, asked: Asked): Promise<Judged> {
  const judged = await judge(by, asked);
  if (judged.steps.every(({ outcome }) => outcome !== 'cannot tell')) return judged;
  const dependencies = by.senders.flatMap((sender) => Object.values(sender.dependencies));
  await Promise.all(dependencies.map((dependency) => dependency.warm()));
  return judge(by, asked);
}

/** The senders of the app at another time. They ask only the issuer and the vault. */
function judgeAt(environment: Environment, now: number, note: Note): Judge {
  const settings = readSettings(environment);
  const clock = { ...systemClock, now: () => now };
  const senders = sendersOf(settings, {
    clock,
    note,
    change: (platform) =>
      settings.CALLBACK_KEY_SECRET ? platform : { ...platform, callbackSecret: unknownSecret },
  });
  return { senders, clock, timeoutSeconds: settings.HANDLER_TIMEOUT_SECONDS };
}

/** Without a name the secret is random in each process of the app, so no other process knows it. */
const unknownSecret: SecretVersions = {
  versions: () => Promise.reject(new Outage('callback-secret-unavailable')),
  present: () => Promise.reject(new Outage('callback-secret-unavailable')),
  find: () => Promise.reject(new Outage('callback-secret-unavailable')),
  isComplete: () => true,
  warm: async () => {},
  isAvailable: () => false,
};
