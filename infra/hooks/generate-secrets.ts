import { setTimeout } from 'node:timers/promises';
import { output, signedInToAzd } from './azd.ts';
import { patiently } from './patience.ts';
import { generateSecrets } from './secrets.ts';
import { vaultAt } from './vault.ts';

// After azd provision: the vault is there, and empty.
const vault = vaultAt(output('VAULT_URL'), signedInToAzd);
const names = [output('CALLBACK_KEY_NAME'), output('EVENT_GRID_KEY_NAME')];
const patience = { tries: 20, pause: 15_000, wait: setTimeout, say: console.log };

for (const line of await patiently(() => generateSecrets(names, vault), patience)) console.log(line);
