import { newAccount } from '../../local/providers/vonage/account.ts';
import type { OutgoingRequest } from '../../local/http/request.ts';
import type { Target } from '../../local/target.ts';
import { createApp, createPlatform, createSenders } from '../../shared/app.ts';
import type { Handlers } from '../../shared/app.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Clock } from '../../shared/clock.ts';
import { findEndpoint } from '../../shared/delivery/endpoint.ts';
import { createPipeline } from '../../shared/delivery/pipeline.ts';
import type { VonageKind } from '../../shared/events/vonage.ts';
import { memoryLedger } from '../../shared/ledger/memory.ts';
import { vonage } from '../../shared/providers/vonage/index.ts';
import type { Secrets } from '../../shared/secrets/create-secrets.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import type { Note } from '../../shared/telemetry/delivery-log.ts';
import type { Check } from '../../shared/verification/check.ts';
import { capturedLog } from './log.ts';
import { development } from './settings.ts';

/**
 * Vonage with secrets of the test.
 *
 * @param options.projects as in VONAGE_PROJECTS
 */
export function vonageWith(options: { projects: string; secrets: Secrets; clock: Clock; note?: Note }) {
  const { projects, secrets, clock, note = () => {} } = options;
  const settings = readSettings({
    ...development,
    VONAGE_PROJECTS: projects,
    KEY_VAULT_URL: 'https://vault.example',
  });
  const ledger = memoryLedger(clock);
  const platform = createPlatform(settings, { secrets, ledger, clock, note });
  const sender = createSenders(settings, platform).find(({ provider }) => provider.name === vonage.name);
  const dependency = sender?.dependencies['vonage-secrets'];
  if (!sender || !dependency) throw new Error('Vonage is not enabled');

  /** The check of a callback's token. */
  function check(kind: VonageKind): Check {
    const endpoint = sender?.endpoints.find(({ path }) => path === `callbacks/vonage/${kind}`);
    const found = endpoint?.checks.find(({ name }) => name === 'vonage-token');
    if (!found) throw new Error(`no check of the token of ${kind}`);
    return found;
  }
  return { check, dependency };
}

const APPLICATION = 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab';
const ACCOUNT_SECRET = 'the secret of an account, of 32 bytes or more';

/** An app with an account at Vonage, whose secret is in the settings: it reaches nothing outside this process. */
export function accountApp(handlers: Handlers, accounts = `12345678:${APPLICATION}`) {
  const [apiKey = '', applicationId] = accounts.split(':');
  const settings = readSettings({
    ...development,
    VONAGE_ACCOUNTS: accounts,
    SECRET_VONAGE_12345678_ACCOUNT: ACCOUNT_SECRET,
  });
  const app = createApp(settings, handlers);
  const endpoints = app.senders.flatMap((sender) => sender.endpoints);
  const account = newAccount(ACCOUNT_SECRET, { apiKey, applicationId });
  const captured = capturedLog();
  return {
    account,
    /** For what signs with the account of a fake cloud. */
    target: {
      cloud: { of: () => account },
      baseUrl: 'https://app.example',
      mediaUrl: '',
    } as unknown as Target,
    text: captured.text,
    /** The names of the checks of a route. */
    checksOf: (method: string, path: string) =>
      findEndpoint(endpoints, method, new URL(`https://app.example/api/callbacks/${path}`))?.checks.map(
        ({ name }) => name,
      ),
    async deliver({ url, method = 'POST', headers, body }: OutgoingRequest) {
      const endpoint = findEndpoint(endpoints, method, new URL(url));
      if (!endpoint) throw new Error(`nothing serves ${method} ${url}`);
      const receive = createPipeline(endpoint, {
        ledger: app.ledger,
        leaseSeconds: 8,
        timeoutSeconds: 20,
        clock: systemClock,
      });
      // A repeated header is joined, as the Functions host does.
      const joined = new Headers(headers.map(([name, value]) => [name, value]));
      const bytes = method === 'GET' ? {} : { body: Buffer.from(body) };
      const before = captured.entries().length;
      const response = await receive(new Request(url, { method, headers: joined, ...bytes }), captured.log);
      return { response, status: response.status, entry: captured.entries()[before] };
    },
  };
}

/** The token that a request carries, without what is around it. */
export const tokenOf = ({ headers }: Pick<OutgoingRequest, 'headers'>): string =>
  headers
    .find(([name]) => name === 'authorization')?.[1]
    .split(' ')
    .at(-1) ?? '';
