import { AsyncLocalStorage } from 'node:async_hooks';
import type { SecretClient, SecretProperties } from '@azure/keyvault-secrets';
import { memoizeAsync, raceAbort } from '../async.ts';
import { backOff, circuitBreaker } from '../circuit-breaker.ts';
import { systemClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
import { FetchFailure, NotAsked } from '../refreshing-cache.ts';
import { credential } from './credential.ts';
import type { SignIn } from './credential.ts';
import { vaultFailure } from './vault-failure.ts';
import { vaultSignIn } from './vault-sign-in.ts';
import type { RequestPolicy } from './vault-sign-in.ts';

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

/** A vault lists 25 versions a page. A list that never ends is read so far. */
const MAX_PAGES = 40;

/** Azure Key Vault. The SDK is loaded when a secret is first needed. */
export function keyVault(url: string, signIn: SignIn, clock: Clock = systemClock): Vault {
  /** The signal of the call that a request belongs to. The SDK passes it to the first page of a list only. */
  const calls = new AsyncLocalStorage<AbortSignal>();

  const newConnection = () =>
    memoizeAsync(async () => {
      const [sdks, source] = await Promise.all([import('../azure-sdks.ts'), credential(signIn)]);
      const identity = vaultSignIn(source, clock);
      const client = new sdks.SecretClient(url, identity.credential, {
        // The cache retries, with its own back-off and within its own deadline. A vault does not redirect.
        retryOptions: { maxRetries: 0 },
        redirectOptions: { maxRetries: 0 },
        additionalPolicies: [
          { position: 'perRetry', policy: identity.policy },
          { position: 'perRetry', policy: onlyToVault },
        ],
      });
      return { client, identity };
    });
  let connect = newConnection();

  const onlyToVault: RequestPolicy = {
    name: 'ringwardOnlyToVault',
    async sendRequest(request, next) {
      // The link to the next page is part of an answer. The token belongs to this vault alone.
      if (new URL(request.url).origin !== new URL(url).origin) {
        throw new FetchFailure('the vault lists its versions on another host', undefined, true);
      }
      const signal = calls.getStore();
      if (signal) request.abortSignal = signal;
      return next(request);
    },
  };

  async function ask<Answer>(
    signal: AbortSignal,
    request: (client: SecretClient) => Promise<Answer>,
  ): Promise<Answer> {
    const { client, identity } = await connect();
    try {
      // The SDK ignores the signal while it signs in, so the abort is enforced here.
      const answer = calls.run(signal, () => request(client));
      return await raceAbort(answer, signal, () => Promise.reject(new Error('out of time')));
    } catch (thrown) {
      // A client whose sign-in hangs would let every later request wait for that sign-in. Any other client is kept: a new
      // one would have to ask for the challenge again.
      if (signal.aborted && identity.isPending()) connect = newConnection();
      throw vaultFailure(thrown, signal, clock.now());
    }
  }

  return {
    async ready() {
      await connect();
    },
    list: (name, signal) => ask(signal, (client) => listVersions(client, name, signal)),
    value: (name, version, signal) =>
      ask(signal, async (client) => {
        const { value } = await client.getSecret(name, { version });
        if (value === undefined) throw new Error('no value');
        return value;
      }),
  };
}

async function listVersions(
  client: SecretClient,
  name: string,
  signal: AbortSignal,
): Promise<readonly ListedVersion[]> {
  /** By id: an endless list repeats itself. */
  const versions = new Map<string, ListedVersion>();
  let pages = 0;
  try {
    for await (const page of client.listPropertiesOfSecretVersions(name).byPage()) {
      for (const version of page.flatMap(listed)) versions.set(version.id, version);
      if (signal.aborted || ++pages === MAX_PAGES) break;
    }
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== 'SecretNotFound') throw thrown;
  }
  return [...versions.values()];
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

/**
 * The longest `Retry-After` of a vault that is heeded. A version that is disabled there must not be used for longer than
 * five minutes.
 */
export const LONGEST_RETRY_AFTER_MS = 60_000;
/** During an outage one request in this time probes the vault. An instance is back within 15 s of the vault. */
const PROBE_WAIT_MS = 10_000;

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
      waitMs: () => PROBE_WAIT_MS * (1 + random() / 8),
      longestRetryAfterMs: LONGEST_RETRY_AFTER_MS,
    }),
    shareProbe: true,
    refusal: () => new NotAsked('the vault did not answer, and is given time'),
    failureOf,
  });
  const refusals = refusalLimit(clock);

  async function call<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    const isTaken = refusals.isRefusing();
    if (!refusals.take()) throw new NotAsked('the vault refuses, and is asked rarely');
    return breaker.call(async () => {
      try {
        const answer = await request();
        refusals.granted();
        return answer;
      } catch (thrown) {
        const failure = failureOf(thrown);
        if (failure.conclusive) refusals.refused(isTaken);
        throw failure;
      }
    });
  }

  return {
    ready: () => vault.ready(),
    list: (name, signal) => call(() => vault.list(name, signal)),
    value: (name, id, signal) => call(() => vault.value(name, id, signal)),
  };
}

const failureOf = (thrown: unknown): FetchFailure =>
  thrown instanceof FetchFailure ? thrown : new FetchFailure('the vault failed');

/** A vault that refuses is asked so often at once, and then once in this time: together under thirty times a minute. */
const FREE_REFUSALS = 12;
const REFUSAL_INTERVAL_MS = 4500;

/** Limits how often a vault that refuses everything is asked, such as one without a role for this app. */
function refusalLimit(clock: Clock) {
  let isRefusing = false;
  let left = FREE_REFUSALS;
  let at = clock.ticks();
  return {
    isRefusing: () => isRefusing,
    /** Whether a request may be made now; while the vault refuses, it takes one of those that are left. */
    take(): boolean {
      if (!isRefusing) return true;
      left = Math.min(FREE_REFUSALS, left + (clock.ticks() - at) / REFUSAL_INTERVAL_MS);
      at = clock.ticks();
      if (left < 1) return false;
      left--;
      return true;
    },
    /** @param wasTaken whether the request took one of those that are left */
    refused(wasTaken: boolean): void {
      if (!isRefusing) at = clock.ticks();
      isRefusing = true;
      if (!wasTaken) left = Math.max(0, left - 1);
    },
    granted(): void {
      isRefusing = false;
      left = FREE_REFUSALS;
    },
  };
}
