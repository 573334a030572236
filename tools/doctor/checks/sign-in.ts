import { deadline, raceAbort } from '../../../shared/async.ts';
import { credential } from '../../../shared/secrets/credential.ts';
import { isLoopback } from '../../../shared/settings/table.ts';
import { fault, well } from '../finding.ts';
import type { Finding } from '../finding.ts';
import type { Context } from '../context.ts';

const CHECK = 'sign-in';
/** A developer's sign-in takes several seconds. */
const DEADLINE_MS = 15_000;

/** The identity whose rights the other checks use. Asks it for a token for one service that the settings name. */
export async function checkSignIn({ settings, signIn, clock }: Context): Promise<Finding[]> {
  const { KEY_VAULT_URL: vault, LEDGER_TABLE_URL: table, ACS_ENDPOINT: calls } = settings;
  const isRemote = (url: string | undefined) => url !== undefined && !isLoopback(url);
  const scopes = [
    ...(vault && isRemote(vault) ? [vaultScope(vault)] : []),
    ...(isRemote(table) ? ['https://storage.azure.com/.default'] : []),
    ...(isRemote(calls) && !settings.ACS_CONNECTION_STRING_SECRET
      ? ['https://communication.azure.com/.default']
      : []),
  ];
  const [scope] = scopes;
  if (scope === undefined) return [];
  const who = signIn.inAzure
    ? 'as the identity of the app'
    : 'as you (az login, azd auth login): the rights below are yours, those of the app may differ';
  const limit = deadline(clock, DEADLINE_MS);
  try {
    const token = (await credential(signIn)).getToken(scope);
    await raceAbort(token, limit.signal, () => Promise.reject(new Error('no token in time')));
    return [well(CHECK, who)];
  } catch (thrown) {
    const why = limit.signal.aborted ? 'no token in time' : thrown instanceof Error ? thrown.name : 'unknown';
    const mend = signIn.inAzure
      ? 'give the app a managed identity; AZURE_CLIENT_ID names a user-assigned one'
      : 'sign in: az login, or azd auth login';
    return [fault(CHECK, `no token came: ${who} (${why})`, mend)];
  } finally {
    limit.clear();
  }
}

/** The vaults of each cloud have a domain of their own, which is the audience of their tokens. */
const vaultScope = (url: string) => `https://${new URL(url).hostname.split('.').slice(1).join('.')}/.default`;
