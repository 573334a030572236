import { setTimeout } from 'node:timers/promises';
import { output, signedInToAzd } from './azd.ts';
import { patience, patiently } from './patience.ts';
import { generateSecrets } from './secrets.ts';
import { vaultAt } from './vault.ts';

// After azd provision: the vault is there, and empty. A name is empty where no enabled sender needs the secret.
const vault = vaultAt(output('VAULT_URL'), signedInToAzd);
const names = [process.env['CALLBACK_KEY_NAME'], process.env['EVENT_GRID_KEY_NAME']].flatMap(
  (name) => name || [],
);

const lines = await patiently(() => generateSecrets(names, vault), {
  ...patience(15_000),
  wait: setTimeout,
  say: console.log,
});
for (const line of lines) console.log(line);
