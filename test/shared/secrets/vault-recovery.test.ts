import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FakeAzure } from '../../../local/fakes/azure.ts';
import type { VaultFault } from '../../../local/fakes/key-vault.ts';
import { keepWarm } from '../../../shared/health.ts';
import { videoNaming } from '../../../shared/providers/vonage/index.ts';
import { signatureSecrets } from '../../../shared/providers/vonage/secrets.ts';
import { createSecrets } from '../../../shared/secrets/create-secrets.ts';
import { signInOf } from '../../../shared/secrets/credential.ts';
import { readSettings } from '../../../shared/settings/settings.ts';
import { manualClock, settled } from '../../clock.ts';
import { counted, extent, tried } from '../../harden/extent.ts';
import { azureForThisProcess } from '../../support/azure.ts';
import { production } from '../../support/settings.ts';

// An instance with sixteen secrets starts while its vault is not available. How soon after the vault is back does the
// first genuine request of each sender pass, and how often was the vault asked meanwhile?
const OUTAGE_SECONDS = counted({ test: 60, short: 60, long: 300 });
const STEP_MS = 500;
const project = { apiKey: '12345678', applicationId: 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab' };
const { signal } = new AbortController();
let azure: FakeAzure;

beforeAll(async () => {
  azure = await azureForThisProcess();
  for (const name of ['callback-key', 'event-grid-key', `vonage-${project.applicationId}-sip`]) {
    azure.vault.add(name, 'a secret of 32 bytes or more, here');
  }
});
afterAll(() => azure.close());

/** Nothing is under way over the network, apart from what hangs. */
async function idle(): Promise<void> {
  for (let turns = 0; turns === 0 || azure.vault.busy() > 0; turns++) await settled();
}

/** An instance that keeps itself warm, and whether a genuine request of each sender would pass now. */
function startInstance(clientId: string) {
  const clock = manualClock(Math.floor(Date.now() / 1000));
  const settings = readSettings({ ...production, KEY_VAULT_URL: azure.vault.url, AZURE_CLIENT_ID: clientId });
  const notes: string[] = [];
  const note = (...[, event]: readonly string[]) => void notes.push(event ?? '');
  const secrets = createSecrets(settings, { clock, note: note as () => void, signIn: signInOf(settings) });
  const callback = secrets.named('CALLBACK_KEY_SECRET', 'callback-key', 'callback-secret-unavailable')!;
  const eventGrid = secrets.named('EVENT_GRID_KEY_SECRET', 'event-grid-key', 'shared-key-unavailable')!;
  const vonage = signatureSecrets(videoNaming, [project], secrets, note as () => void);
  void keepWarm([callback, eventGrid, vonage.dependency], clock);
  const asks = {
    'Call Automation': () => callback.versions(signal),
    'Event Grid': () => eventGrid.versions(signal),
    Vonage: () => vonage.forKind('sip')(project, signal),
  };
  /** Since which second each sender's requests pass. */
  const passed = new Map<string, number>();
  return {
    passed,
    /** Lets time pass; what goes over the network is done between two steps. */
    async live(seconds: number): Promise<void> {
      for (let ms = 0; ms < seconds * 1000; ms += STEP_MS) {
        await clock.advance(STEP_MS);
        await idle();
        for (const [sender, ask] of Object.entries(asks)) {
          if (passed.has(sender)) continue;
          ask().then(
            () => passed.set(sender, clock.ticks() / 1000),
            () => {},
          );
        }
        await settled();
        await idle();
      }
    },
  };
}

/** How a vault fails, and within how many seconds after its return the senders pass. */
const FAULTS: readonly (readonly [VaultFault, within: number])[] = [
  ['unauthorized', 15],
  ['forbidden', 15],
  ['not-found', 15],
  ['too-many', 15],
  // Heeded for a minute.
  ['throttled', 60],
  ['throttled-until', 60],
  ['server-error', 15],
  ['bad-gateway', 15],
  ['empty-object', 15],
  ['reset', 15],
  // A request that hangs is given up after 15 s.
  ['hang', 30],
];
const OFTEN: readonly VaultFault[] = ['forbidden', 'too-many', 'bad-gateway', 'empty-object'];

test.each(FAULTS.filter(([fault]) => extent !== 'test' || OFTEN.includes(fault)))(
  'after an outage (%s) every sender passes within %d s, and the vault was asked rarely',
  { timeout: OUTAGE_SECONDS * 2000 },
  async (fault, within) => {
    azure.vault.play(fault);
    const instance = startInstance(`${fault}-${Math.random()}`);
    const perMinute: number[] = [];
    const perSecret: number[] = [];
    for (let minute = 0; minute < OUTAGE_SECONDS / 60; minute++) {
      const from = azure.vault.attempted().length;
      await instance.live(60);
      const asked = azure.vault.attempted().slice(from);
      perMinute.push(asked.length);
      perSecret.push(
        Math.max(...Object.values(Object.groupBy(asked, (path) => path)).map((one) => one!.length)),
      );
    }
    expect(instance.passed.size).toBe(0);
    azure.vault.play();
    await instance.live(within + 5);
    const took = Object.fromEntries(
      [...instance.passed].map(([sender, at]) => [sender, Math.round((at - OUTAGE_SECONDS) * 10) / 10]),
    );
    tried({ what: `${fault}: ${JSON.stringify({ took, perMinute, perSecret })}`, times: 1, found: [] });
    expect(Object.keys(took)).toHaveLength(3);
    for (const seconds of Object.values(took)) expect(seconds).toBeLessThanOrEqual(within);
    for (const count of perMinute) expect(count).toBeLessThanOrEqual(30);
    for (const count of perSecret) expect(count).toBeLessThanOrEqual(6);
  },
);
