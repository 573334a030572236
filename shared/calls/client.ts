import type { CallAutomationClient } from '@azure/communication-call-automation';
import type { TokenCredential } from '@azure/identity';
import { memoizeAsync } from '../async.ts';
import type { SecretVersions } from '../secrets/versions.ts';

/** The client of Azure Communication Services; rejects with a clear Error where none is configured. */
export type CallClient = () => Promise<CallAutomationClient>;

/** A call rings for 30 seconds, so the SDK's own pauses of several seconds are too long. */
const RETRIES = { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 1000 };

export const noCallClient: CallClient = () =>
  Promise.reject(
    new Error('No call can be answered or placed: set ACS_ENDPOINT to your Communication Services resource'),
  );

/** Signs in as the app. The SDK is loaded when a call is first answered or placed, or at start where that is expected. */
export function signedInClient(endpoint: string, signIn: () => Promise<TokenCredential>): CallClient {
  return memoizeAsync(async () => {
    const [sdks, credential] = await Promise.all([import('../azure-sdks.ts'), signIn()]);
    return new sdks.CallAutomationClient(endpoint, credential, { retryOptions: RETRIES });
  });
}

/** Signs in with the newest version of a connection string. */
export function connectionStringClient(secret: SecretVersions): CallClient {
  let client: CallAutomationClient | undefined;
  let connectedWith = '';
  return async function connect() {
    const [[newest], sdks] = await Promise.all([
      secret.versions(new AbortController().signal),
      import('../azure-sdks.ts'),
    ]);
    const connectionString = Buffer.from(newest.secret).toString();
    if (!client || connectedWith !== connectionString) {
      try {
        client = new sdks.CallAutomationClient(connectionString, { retryOptions: RETRIES });
      } catch {
        // The SDK's error about an unreadable connection string may quote it.
        throw new Error(
          'The secret that ACS_CONNECTION_STRING_SECRET names is no connection string: endpoint=https://…;accesskey=…',
        );
      }
      connectedWith = connectionString;
    }
    return client;
  };
}
