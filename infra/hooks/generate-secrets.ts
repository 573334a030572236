import { setTimeout } from 'node:timers/promises';
import { output, signedInToAzd } from './azd.ts';
import { patience, patiently } from './patience.ts';
import { generateSecrets, missingSecrets } from './secrets.ts';
import { vaultAt } from './vault.ts';

// After azd provision: the vault is there, and empty. A name is empty where no enabled sender needs the secret.
const vault = vaultAt(output('VAULT_URL'), signedInToAzd);
const names = [process.env['CALLBACK_KEY_NAME'], process.env['EVENT_GRID_KEY_NAME']].flatMap(
  (name) => name || [],
);

const ofHandlers = JSON.parse(process.env['HANDLER_SECRETS'] || '{}') as Record<string, string>;

const { lines, missing } = await patiently(
  async () => ({
    lines: await generateSecrets(names, vault),
    missing: await missingSecrets(Object.values(ofHandlers), vault),
  }),
  { ...patience(15_000), wait: setTimeout, say: console.log },
);
for (const line of lines) console.log(line);
// Nothing is deployed after that: the app would read a reference instead of the secret.
if (missing.length > 0) {
  throw new Error(
    `the vault does not have ${missing.join(', ')}, which HANDLER_SECRETS names. Store each: az keyvault secret set --vault-name ${output('VAULT_NAME')} --name <name> --file <file>. Then run azd up again`,
  );
}
