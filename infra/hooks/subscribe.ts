import { setTimeout } from 'node:timers/promises';
import { output, signedInToAzd } from './azd.ts';
import { eventSubscription } from './event-subscription.ts';
import { patiently } from './patience.ts';
import { put } from './resource-manager.ts';
import { vaultAt } from './vault.ts';

// After azd deploy: the app answers the handshake that makes the subscription. Run it again to hand Event Grid a new key.
const audience = process.env['EVENT_DELIVERY_AUDIENCE'];
const id = `${output('SYSTEM_TOPIC_ID')}/eventSubscriptions/${output('EVENT_SUBSCRIPTION_NAME')}`;
const patience = { tries: 10, pause: 30_000, wait: setTimeout, say: console.log };

const sharedKey = await patiently(
  () => vaultAt(output('VAULT_URL'), signedInToAzd).read(output('EVENT_GRID_KEY_NAME')),
  patience,
);
const body = eventSubscription({
  appUrl: output('APP_URL'),
  sharedKey,
  entra: audience ? { tenantId: output('AZURE_TENANT_ID'), audience } : undefined,
});
await patiently(
  () => put(`${id}?api-version=2025-02-15`, body, { signIn: signedInToAzd, wait: setTimeout }),
  patience,
);
console.log(`${output('EVENT_SUBSCRIPTION_NAME')} delivers incoming calls and recordings to ${output('APP_URL')}`);
