import type { TokenCredential } from '@azure/identity';
import { isDevelopment } from '../settings/table.ts';
import type { CoreSettings } from '../settings/table.ts';

/** How the app signs in to Azure: with its managed identity where it runs there, as the developer elsewhere. */
export type SignIn = {
  readonly inAzure: boolean;
  /** The client id of a user-assigned identity; without it the system-assigned one. */
  readonly clientId: string | undefined;
};

export const signInOf = (settings: CoreSettings): SignIn => ({
  inAzure: settings.IDENTITY_ENDPOINT !== undefined || !isDevelopment(settings),
  clientId: settings.AZURE_CLIENT_ID,
});

export async function credential({ inAzure, clientId }: SignIn): Promise<TokenCredential> {
  const sdks = await import('../azure-sdks.ts');
  if (inAzure) return new sdks.ManagedIdentityCredential(clientId ? { clientId } : {});
  return new sdks.ChainedTokenCredential(
    new sdks.AzureCliCredential(),
    new sdks.AzureDeveloperCliCredential(),
  );
}
