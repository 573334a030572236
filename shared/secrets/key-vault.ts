import type { SecretClient, SecretProperties } from '@azure/keyvault-secrets';
import { memoizeAsync, raceAbort } from '../async.ts';
import { FetchFailure } from '../refreshing-cache.ts';
import { credential } from './credential.ts';
import type { SignIn } from './credential.ts';

/** A version of a secret as the vault lists it, without its value. */
export type ListedVersion = {
  /** The whole version id. */
  readonly id: string;
  readonly enabled: boolean;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly notBefore?: number | undefined;
  readonly expires?: number | undefined;
};

/** Where secrets live. Each function throws a `FetchFailure` that holds nothing secret. */
export type Vault = {
  /** Loads what it takes to ask: no part of the time that an answer may take. */
  ready(): Promise<void>;
  /** Every version of a secret, in no order; none where there is no such secret. */
  list(name: string, signal: AbortSignal): Promise<readonly ListedVersion[]>;
  /** The value of one version. */
  value(name: string, id: string, signal: AbortSignal): Promise<string>;
};

/** Azure Key Vault. The SDK is loaded, and the sign-in made, when a secret is first asked for. */
export function keyVault(url: string, signIn: SignIn): Vault {
  const made = () =>
    memoizeAsync(async (): Promise<SecretClient> => {
      const [sdks, signedIn] = await Promise.all([import('../azure-sdks.ts'), credential(signIn)]);
      // Retries are ours: with a back-off that all requests share, and within our own deadline.
      return new sdks.SecretClient(url, signedIn, { retryOptions: { maxRetries: 0 } });
    });
  let connect = made();

  async function ask<Answer>(
    signal: AbortSignal,
    question: (client: SecretClient) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      const client = await connect();
      // Waits no longer, also where the SDK heeds no signal: as long as it signs in, it does not.
      return await raceAbort(question(client), signal, () => Promise.reject(new Error('out of time')));
    } catch (thrown) {
      // A client whose sign-in never ends has all that come after it wait for the same one.
      if (signal.aborted) connect = made();
      throw failure(thrown, signal);
    }
  }

  return {
    async ready() {
      await connect();
    },
    list: (name, abortSignal) =>
      ask(abortSignal, async (client) => {
        const versions: ListedVersion[] = [];
        try {
          for await (const properties of client.listPropertiesOfSecretVersions(name, { abortSignal })) {
            versions.push(...listed(properties));
          }
        } catch (thrown) {
          if ((thrown as { code?: string }).code !== 'SecretNotFound') throw thrown;
        }
        return versions;
      }),
    value: (name, version, abortSignal) =>
      ask(
        abortSignal,
        async (client) => (await client.getSecret(name, { version, abortSignal })).value ?? '',
      ),
  };
}

function listed({ version, enabled, createdOn, notBefore, expiresOn }: SecretProperties): ListedVersion[] {
  if (!version) return [];
  return [
    {
      id: version,
      enabled: enabled === true,
      created: seconds(createdOn) ?? 0,
      notBefore: seconds(notBefore),
      expires: seconds(expiresOn),
    },
  ];
}

const seconds = (date: Date | undefined) => date && date.getTime() / 1000;

/** Names and codes only: what an SDK's error says in words may quote the request or the answer. */
function failure(thrown: unknown, signal: AbortSignal): FetchFailure {
  if (signal.aborted) return new FetchFailure('the vault did not answer in time');
  const { name, code, statusCode, response } = thrown as {
    name?: string;
    code?: string;
    statusCode?: number;
    response?: { headers: { get(name: string): string | undefined } };
  };
  const retryAfter = Number(response?.headers.get('retry-after'));
  const what = statusCode ? `answered ${statusCode}` : 'cannot be reached';
  const why = [name, code].filter(Boolean).join(' ');
  const conclusive = [400, 401, 403, 404].includes(statusCode ?? 0);
  return new FetchFailure(
    `the vault ${what} (${why || 'unknown'})`,
    retryAfter > 0 ? retryAfter : undefined,
    conclusive,
  );
}
