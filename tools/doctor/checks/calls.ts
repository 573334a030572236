import { connectionStringClient, signedInClient } from '../../../shared/calls/client.ts';
import type { CallClient } from '../../../shared/calls/client.ts';
import { deadline } from '../../../shared/async.ts';
import { credential } from '../../../shared/secrets/credential.ts';
import { settingsSecret } from '../../../shared/secrets/versions.ts';
import { keyVault } from '../../../shared/secrets/key-vault.ts';
import { vaultSecret } from '../../../shared/secrets/vault-versions.ts';
import { fault, warning, well } from '../finding.ts';
import type { Finding } from '../finding.ts';
import { canAsk } from '../context.ts';
import type { Context } from '../context.ts';

const CHECK = 'calls';
/** No call has this id: the service answers 404 after a successful sign-in, and nothing happens. */
const NO_CALL = '00000000-0000-4000-8000-000000000000';
const DEADLINE_MS = 15_000;

/** Asks Azure Communication Services about a call that does not exist. The answer 404 shows that the sign-in is accepted. */
export async function checkCalls(context: Context): Promise<Finding[]> {
  const { settings, clock } = context;
  const endpoint = settings.ACS_ENDPOINT;
  if (!canAsk(context, 'ACS_ENDPOINT', endpoint)) return [];
  const limit = deadline(clock, DEADLINE_MS);
  try {
    const connection = (await (await clientOf(context, endpoint))()).getCallConnection(NO_CALL);
    await connection.getCallConnectionProperties({ abortSignal: limit.signal });
    return [
      warning(CHECK, 'a call was found that cannot exist', 'check that ACS_ENDPOINT is what it should be'),
    ];
  } catch (thrown) {
    return [findingOf(thrown, endpoint)];
  } finally {
    limit.clear();
  }
}

async function clientOf({ settings, signIn, clock }: Context, endpoint: string): Promise<CallClient> {
  const name = settings.ACS_CONNECTION_STRING_SECRET;
  if (!name) return signedInClient(endpoint, () => credential(signIn));
  const secret = settings.developmentSecret(name);
  if (secret) return connectionStringClient(settingsSecret(secret));
  const versions = vaultSecret({
    name,
    purpose: 'ACS_CONNECTION_STRING_SECRET',
    vault: keyVault(settings.KEY_VAULT_URL ?? '', signIn, clock),
    outage: 'callback-secret-unavailable',
    maxStaleSeconds: settings.KEY_SET_MAX_STALE_SECONDS,
    clock,
    random: Math.random,
    note: () => {},
  });
  // A request of the app would wait for two seconds only.
  await versions.warm();
  return connectionStringClient(versions);
}

/** Uses names and codes only: the message of an SDK error may quote the request. */
function findingOf(thrown: unknown, endpoint: string): Finding {
  const {
    name = 'Error',
    code,
    statusCode,
  } = thrown as { name?: string; code?: string; statusCode?: number };
  const why = [name, code].filter(Boolean).join(' ');
  if (statusCode === 404) return well(CHECK, `signed in to ${new URL(endpoint).host}`);
  if (statusCode === 401 || statusCode === 403) {
    return fault(
      CHECK,
      `the sign-in was refused: ${statusCode}`,
      'give the identity that signs in here the role Communication and Email Service Owner on the Communication Services resource, or correct the connection string',
    );
  }
  if (statusCode !== undefined) {
    return fault(CHECK, `answered ${statusCode} (${why})`, 'check ACS_ENDPOINT, and try again later');
  }
  // The SDK throws a plain Error for a connection string that it cannot read.
  if (name === 'Outage' || (name === 'Error' && code === undefined)) {
    return fault(
      CHECK,
      'the connection string is not available or not readable',
      'correct the secret of ACS_CONNECTION_STRING_SECRET',
    );
  }
  if (/Credential|Authentication/.test(why)) {
    return fault(CHECK, `nobody is signed in (${why})`, 'sign in: az login, or azd auth login');
  }
  return fault(
    CHECK,
    `${new URL(endpoint).host} cannot be reached (${why})`,
    'check ACS_ENDPOINT, and that this network lets requests out to it',
  );
}
