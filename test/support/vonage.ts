import { createPlatform, createSenders } from '../../shared/app.ts';
import type { Clock } from '../../shared/clock.ts';
import type { VonageKind } from '../../shared/events/vonage.ts';
import { memoryLedger } from '../../shared/ledger/memory.ts';
import { vonage } from '../../shared/providers/vonage/index.ts';
import type { Secrets } from '../../shared/secrets/create-secrets.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import type { Note } from '../../shared/telemetry/delivery-log.ts';
import type { Check } from '../../shared/verification/check.ts';
import { development } from './settings.ts';

/**
 * Vonage with secrets of the test.
 *
 * @param options.projects as in VONAGE_PROJECTS
 */
export function vonageWith(options: { projects: string; secrets: Secrets; clock: Clock; note?: Note }) {
  const { projects, secrets, clock, note = () => {} } = options;
  const settings = readSettings({
    ...development,
    VONAGE_PROJECTS: projects,
    KEY_VAULT_URL: 'https://vault.example',
  });
  const ledger = memoryLedger(clock);
  const platform = createPlatform(settings, { secrets, ledger, clock, note });
  const sender = createSenders(settings, platform).find(({ provider }) => provider.name === vonage.name);
  const dependency = sender?.dependencies['vonage-secrets'];
  if (!sender || !dependency) throw new Error('Vonage is not enabled');

  /** The check of a callback's token. */
  function check(kind: VonageKind): Check {
    const endpoint = sender?.endpoints.find(({ path }) => path === `callbacks/vonage/${kind}`);
    const found = endpoint?.checks.find(({ name }) => name === 'vonage-token');
    if (!found) throw new Error(`no check of the token of ${kind}`);
    return found;
  }
  return { check, dependency };
}
