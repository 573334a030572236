import { setTimeout } from 'node:timers/promises';
import { output, signedInToAzd } from './azd.ts';
import { subscribe } from './event-subscription.ts';
import { patience, patiently } from './patience.ts';
import { put } from './resource-manager.ts';
import { vaultAt } from './vault.ts';

// After azd deploy: the app answers the handshake that makes the subscription. Run it again to hand Event Grid a new key.
const topic = process.env['SYSTEM_TOPIC_ID'];
if (topic) await subscribeTo(topic);
else console.log('no incoming calls (INCOMING_CALLS is false): nothing to subscribe to');

async function subscribeTo(topicId: string): Promise<void> {
  const audience = process.env['EVENT_DELIVERY_AUDIENCE'];
  const id = `${topicId}/eventSubscriptions/${output('EVENT_SUBSCRIPTION_NAME')}`;
  const manager = output('RESOURCE_MANAGER_URL').replace(/\/$/, '');
  const patient = { ...patience(30_000), wait: setTimeout, say: console.log };

  const sharedKey = await patiently(
    () => vaultAt(output('VAULT_URL'), signedInToAzd).read(output('EVENT_GRID_KEY_NAME')),
    patient,
  );
  const subscription = {
    appUrl: output('APP_URL'),
    sharedKey,
    entra: audience ? { tenantId: output('AZURE_TENANT_ID'), audience } : undefined,
  };
  await subscribe(subscription, patient, (body) =>
    put(`${id}?api-version=2025-02-15`, body, {
      signIn: signedInToAzd,
      wait: setTimeout,
      manager,
      audience: manager,
    }),
  );
  console.log(
    `${output('EVENT_SUBSCRIPTION_NAME')} delivers incoming calls and recordings to ${output('APP_URL')}`,
  );
}
