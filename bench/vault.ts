import { startAzure } from '../local/fakes/azure.ts';
import { trustFakes } from '../local/fakes/trust.ts';
import { systemClock } from '../shared/clock.ts';
import { keepWarm } from '../shared/health.ts';
import { videoNaming } from '../shared/providers/vonage/index.ts';
import { signatureSecrets } from '../shared/providers/vonage/secrets.ts';
import { createSecrets } from '../shared/secrets/create-secrets.ts';
import { signInOf } from '../shared/secrets/credential.ts';
import { inspectSettings } from '../shared/settings/settings.ts';
import { progress, publish } from './harness/report.ts';
import { format } from './harness/statistics.ts';

// How soon after a cold start the first genuine request of each sender passes, where the vault is slow.
//
//     npm run bench -- vault
const LIMIT_SECONDS = 60;
const project = { apiKey: '12345678', applicationId: 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab' };
const names = ['callback-key', 'event-grid-key', `vonage-${project.applicationId}-sip`];
const { signal } = new AbortController();

const azure = await startAzure();
await trustFakes(azure.environment);
addVersions(1);
// The SDK is in memory from here on.
await coldStart('first');

const rows: string[][] = [];
for (const versions of [1, 30]) {
  addVersions(versions);
  for (const latencyMs of [0, 200, 700, 1000, 1500]) {
    progress(`${versions} versions, ${latencyMs} ms`);
    azure.vault.habits.latencyMs = latencyMs;
    const cells = await coldStart(`client-${versions}-${latencyMs}`);
    rows.push([`${latencyMs} ms a request, ${versions} versions`, ...cells]);
  }
}
await publish({
  title: 'A slow vault at a cold start',
  about: `An instance with sixteen names of secrets, three of which exist, starts with nothing known. A genuine request of each sender
is tried every 50 ms: seconds until the first one passes, and requests to the vault until all have. Each answer of the fake vault
takes the time given; so do challenge and list, and only the ten newest versions have their values fetched.`,
  tables: [
    {
      title: 'Seconds until the first genuine request passes',
      columns: ['', 'Call Automation', 'Event Grid', 'Vonage', 'requests to the vault'],
      rows,
    },
  ],
});
process.exit();

function addVersions(count: number): void {
  for (const name of names) {
    for (let added = 0; added < count; added++) azure.vault.add(name, 'a secret of 32 bytes or more, here');
  }
}

/** @param clientId a name for which the SDK has no token yet */
async function coldStart(clientId: string): Promise<string[]> {
  const { settings } = inspectSettings({
    ...process.env,
    KEY_VAULT_URL: azure.vault.url,
    AZURE_CLIENT_ID: clientId,
  });
  const note = () => {};
  const secrets = createSecrets(settings, { clock: systemClock, note, signIn: signInOf(settings) });
  const callback = secrets.named('CALLBACK_KEY_SECRET', 'callback-key', 'callback-secret-unavailable');
  const eventGrid = secrets.named('EVENT_GRID_KEY_SECRET', 'event-grid-key', 'shared-key-unavailable');
  if (!callback || !eventGrid) throw new Error('there is no vault');
  const vonage = signatureSecrets(videoNaming, [project], secrets, note);
  const before = azure.vault.attempts();
  const began = performance.now();
  void keepWarm([callback, eventGrid, vonage.dependency], systemClock);
  const took = await Promise.all(
    [
      () => callback.versions(signal),
      () => eventGrid.versions(signal),
      () => vonage.forKind('sip')(project, signal),
    ].map((ask) => firstPassed(ask, began)),
  );
  return [...took, String(azure.vault.attempts() - before)];
}

async function firstPassed(ask: () => Promise<unknown>, began: number): Promise<string> {
  const secondsSince = () => (performance.now() - began) / 1000;
  while (secondsSince() < LIMIT_SECONDS) {
    try {
      await ask();
      return format(secondsSince());
    } catch {
      await systemClock.sleep(50);
    }
  }
  return `not in ${LIMIT_SECONDS} s`;
}
