import { connectionStringClient, signedInClient } from '../../../shared/calls/client.ts';
import type { CallClient } from '../../../shared/calls/client.ts';
import { deadline } from '../../../shared/async.ts';
import { createSecrets } from '../../../shared/secrets/create-secrets.ts';
import { credential } from '../../../shared/secrets/credential.ts';
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
  const setting = 'ACS_CONNECTION_STRING_SECRET';
  const secrets = createSecrets(settings, { clock, note: () => {}, signIn });
  const connectionString = secrets.named(setting, settings[setting], 'callback-secret-unavailable');
  if (!connectionString) return signedInClient(endpoint, () => credential(signIn));
  // A request of the app would wait for two seconds only.
  await connectionString.warm();
  return connectionStringClient(connectionString);
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
