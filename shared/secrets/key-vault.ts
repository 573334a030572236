import type { SecretClient, SecretProperties } from '@azure/keyvault-secrets';
import { memoizeAsync, raceAbort } from '../async.ts';
import { backOff, circuitBreaker, exponentialWait } from '../circuit-breaker.ts';
import type { Clock } from '../clock.ts';
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

/** A store of secrets. Each function throws a `FetchFailure` that holds nothing secret. */
export type Vault = {
  /** Loads the SDK. The deadline of a request does not include this. */
  ready(): Promise<void>;
  /** Every version of a secret, in no order; none where there is no such secret. */
  list(name: string, signal: AbortSignal): Promise<readonly ListedVersion[]>;
  /** The value of one version. */
  value(name: string, id: string, signal: AbortSignal): Promise<string>;
};

/** Azure Key Vault. The SDK is loaded when a secret is first needed. */
export function keyVault(url: string, signIn: SignIn): Vault {
  const newConnection = () =>
    memoizeAsync(async (): Promise<SecretClient> => {
      const [sdks, signedIn] = await Promise.all([import('../azure-sdks.ts'), credential(signIn)]);
      // The cache retries, with its own back-off and within its own deadline.
      return new sdks.SecretClient(url, signedIn, { retryOptions: { maxRetries: 0 } });
    });
  let connect = newConnection();

  async function ask<Answer>(
    signal: AbortSignal,
    request: (client: SecretClient) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      const client = await connect();
      // The SDK ignores the signal while it signs in, so the abort is enforced here.
      return await raceAbort(request(client), signal, () => Promise.reject(new Error('out of time')));
    } catch (thrown) {
      // A client whose sign-in hangs would let every later request wait for that sign-in.
      if (signal.aborted) connect = newConnection();
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

/** Uses names and codes only: the message of an SDK's error may quote the request or the answer. */
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

/**
 * The longest `Retry-After` of a vault that is heeded. A version that is disabled there must not be used for longer than
 * five minutes.
 */
export const LONGEST_RETRY_AFTER_MS = 60_000;

/**
 * A vault behind a circuit breaker. During an outage one request probes the vault and all others share its result, so the
 * outage costs the vault a few requests a minute, however many secrets there are.
 *
 * @param random in [0, 1)
 */
export function guardedVault(vault: Vault, clock: Clock, random: () => number): Vault {
  const breaker = circuitBreaker({
    clock,
    retry: backOff({
      clock,
      waitMs: (failures) => exponentialWait(failures, random),
      longestRetryAfterMs: LONGEST_RETRY_AFTER_MS,
    }),
    shareProbe: true,
    refusal: () => new FetchFailure('the vault did not answer, and is given time'),
    failureOf,
  });
  const call = <Answer>(request: () => Promise<Answer>) =>
    breaker.call(async () => {
      try {
        return await request();
      } catch (thrown) {
        throw failureOf(thrown);
      }
    });
  return {
    ready: () => vault.ready(),
    list: (name, signal) => call(() => vault.list(name, signal)),
    value: (name, id, signal) => call(() => vault.value(name, id, signal)),
  };
}

const failureOf = (thrown: unknown): FetchFailure =>
  thrown instanceof FetchFailure ? thrown : new FetchFailure('the vault failed');
