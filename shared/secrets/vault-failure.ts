import { FetchFailure, secondsUntilRetry } from '../refreshing-cache.ts';

/** What the SDK throws. */
type Thrown = {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly statusCode?: number;
  readonly response?: { readonly headers: { get(name: string): string | undefined } };
};

/** Error codes that Key Vault documents. A log shows no other text of an answer. */
const DOCUMENTED_CODES = new Set([
  'AccessDenied',
  'BadParameter',
  'Conflict',
  'Forbidden',
  'ForbiddenByConnection',
  'ForbiddenByFirewall',
  'ForbiddenByPolicy',
  'InternalServerError',
  'ObjectIsDeletedButRecoverable',
  'RequestTimeout',
  'SecretDisabled',
  'SecretNotFound',
  'ServiceUnavailable',
  'Throttled',
  'TooManyRequests',
  'Unauthorized',
  'VaultNotFound',
]);
/** Codes of Node and of the SDK itself, such as `ECONNREFUSED`. */
const OWN_CODE = /^[A-Z][A-Z0-9_]{2,40}$/;

const ADVICE = {
  signIn:
    'sign in: az login, or azd auth login; on Azure, give the app the identity that AZURE_CLIENT_ID names',
  challenge: 'check KEY_VAULT_URL: it must be the address of the vault itself, in the cloud of the identity',
  noVault: 'check KEY_VAULT_URL, and what answers there: a proxy, or another service',
  token: 'the vault refuses the token: vault and identity must belong to one Entra tenant',
  refused:
    'give the identity that signs in here the role Key Vault Secrets User on the vault, and let this network in',
  throttled:
    'wait: the vault counts requests; see in its metrics what else asks it, and give the app a vault of its own',
  unwell: 'check KEY_VAULT_URL; if it is right, wait: the vault itself fails',
  unreachable: 'check KEY_VAULT_URL, and that this network lets requests out to it',
};

/**
 * Why a vault did not give what it was asked for, and what to do. Uses names, numbers and codes only: the message of an
 * SDK's error may quote the request or the answer.
 *
 * @param now seconds since the epoch, for a `Retry-After` in the form of a date
 */
export function vaultFailure(thrown: unknown, signal: AbortSignal, now: number): FetchFailure {
  if (thrown instanceof FetchFailure) return thrown;
  if (signal.aborted) return failure('did not answer in time', 'unreachable');
  const { name, message, code, statusCode: status, response } = (thrown ?? {}) as Thrown;
  const isKnown =
    typeof code === 'string' && (status === undefined ? OWN_CODE.test(code) : DOCUMENTED_CODES.has(code));
  const why = [name ?? 'unknown', ...(isKnown ? [code] : [])].join(' ');
  if (status === undefined) {
    // These messages of the SDK have no code.
    if (message?.startsWith('The challenge '))
      return failure('asks for a sign-in of another cloud or host', 'challenge');
    if (typeof code === 'string') return failure(`cannot be reached (${why})`, 'unreachable');
    return failure(`gave an answer that is no vault's (${why})`, 'noVault');
  }
  if (status < 400) return failure(`gave an answer that is no vault's (${status}, ${why})`, 'noVault');
  const answered = `answered ${status} (${why})`;
  const retryAfterSeconds = secondsUntilRetry(response?.headers.get('retry-after'), now);
  if (status === 429) return failure(answered, 'throttled', retryAfterSeconds);
  if (status >= 500) return failure(answered, 'unwell', retryAfterSeconds);
  // The token is the same for every secret.
  if (status === 401) return failure(answered, 'token', retryAfterSeconds);
  return failure(answered, status === 403 ? 'refused' : 'noVault', retryAfterSeconds, true);
}

/** No token came from the identity. Holds only the name of what was thrown: its message may quote an answer. */
export const signInFailure = (thrown: unknown): FetchFailure =>
  failure(
    `cannot be asked: the sign-in failed (${thrown instanceof Error ? thrown.name : 'unknown'})`,
    'signIn',
  );

const failure = (
  what: string,
  advice: keyof typeof ADVICE,
  retryAfterSeconds?: number,
  isConclusive = false,
): FetchFailure => new FetchFailure(`the vault ${what}`, retryAfterSeconds, isConclusive, ADVICE[advice]);
