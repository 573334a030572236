import { createPlatform, createSenders } from '../shared/app.ts';
import type { EnabledSender } from '../shared/app.ts';
import { systemClock } from '../shared/clock.ts';
import type { Clock } from '../shared/clock.ts';
import { memoryLedger } from '../shared/ledger/memory.ts';
import type { Platform } from '../shared/providers/provider.ts';
import type { SignIn } from '../shared/secrets/credential.ts';
import { createSecrets } from '../shared/secrets/create-secrets.ts';
import { inspectSettings, settingsTable } from '../shared/settings/settings.ts';
import type { Settings } from '../shared/settings/settings.ts';
import { exampleOf } from '../shared/settings/table.ts';
import type { SettingRow } from '../shared/settings/table.ts';
import type { Note } from '../shared/telemetry/delivery-log.ts';

/**
 * The senders that the settings enable, for tools that verify and deliver nothing: they use no ledger. Makes no network
 * call.
 *
 * @param change replaces parts of the platform
 */
export function sendersOf(
  settings: Settings,
  {
    clock,
    note,
    change = (platform) => platform,
  }: { clock: Clock; note: Note; change?: (platform: Platform) => Platform },
): readonly EnabledSender[] {
  const secrets = createSecrets(settings, { clock, note, signIn: signInHere(settings) });
  const platform = createPlatform(settings, { secrets, ledger: memoryLedger(clock), clock, note });
  return createSenders(settings, change(platform));
}

/** Signs in as this machine, also with the settings of a deployed app. */
export const signInHere = (settings: Settings): SignIn => ({
  inAzure: settings.IDENTITY_ENDPOINT !== undefined,
  clientId: settings.AZURE_CLIENT_ID,
});

/** Every sender, enabled by the examples of the table of settings. */
export function everySender(): readonly EnabledSender[] {
  const rows = Object.entries<SettingRow>(settingsTable);
  const { settings } = inspectSettings(Object.fromEntries(rows.map(([name, row]) => [name, exampleOf(row)])));
  return sendersOf(settings, { clock: systemClock, note: () => {} });
}
