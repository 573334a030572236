import { isLoopback } from '../../../shared/settings/table.ts';
import { well } from '../finding.ts';
import type { Finding } from '../finding.ts';
import type { Context } from '../context.ts';

/** The identity whose rights the other checks use. */
export function checkSignIn({ settings, signIn }: Context): Finding[] {
  const { KEY_VAULT_URL: vault, LEDGER_TABLE_URL: table, ACS_ENDPOINT: calls } = settings;
  const signedInTo = [vault, table, settings.ACS_CONNECTION_STRING_SECRET ? undefined : calls];
  if (!signedInTo.some((url) => url && !isLoopback(url))) return [];
  return [
    well(
      'sign-in',
      signIn.inAzure
        ? 'as the identity of the app'
        : 'as you (az login, azd auth login): the rights below are yours, those of the app may differ',
    ),
  ];
}
