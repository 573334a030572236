import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
} from '@azure/core-rest-pipeline';
import { credential } from '../../../shared/secrets/credential.ts';
import { canAsk } from '../context.ts';
import type { Context } from '../context.ts';
import { warning } from '../finding.ts';
import type { Finding } from '../finding.ts';

const DEADLINE_MS = 15_000;
const MAX_LISTED = 100;
/** Microsoft's guide to retirement and breaking changes of Azure Communication Services, August 2026. */
const RETIREMENT = '2028-09-30';

/**
 * Phone numbers and Direct Routing of the resource, which retire. Says nothing where it cannot see them: with a connection
 * string, or without the right to list them. Whether the sign-in works is another check.
 */
export async function checkNumbers(context: Context): Promise<Finding[]> {
  const { ACS_ENDPOINT: endpoint, ACS_CONNECTION_STRING_SECRET: connectionString } = context.settings;
  if (connectionString || !canAsk(context, 'ACS_ENDPOINT', endpoint)) return [];
  const [numbers, trunks] = await Promise.all([
    listed(context, `${endpoint}/phoneNumbers?top=${MAX_LISTED}&api-version=2022-12-01`, 'phoneNumbers'),
    listed(context, `${endpoint}/sip?api-version=2023-03-01`, 'trunks'),
  ]);
  const found = [
    ...(numbers > 0 ? [`phone numbers (${numbers}${numbers < MAX_LISTED ? '' : ' or more'})`] : []),
    ...(trunks > 0 ? ['Direct Routing'] : []),
  ];
  if (found.length === 0) return [];
  const mend = 'see docs/incoming-calls.md, "Until when there are phone numbers", for what can replace them';
  return [warning('numbers', `${found.join(' and ')} of this resource retire on ${RETIREMENT}`, mend)];
}

/** How many elements or members the answer has under a name; 0 where the service does not tell. */
async function listed({ signIn }: Context, url: string, name: string): Promise<number> {
  try {
    // The client of the SDKs, because it uses the proxy that they use.
    const pipeline = createPipelineFromOptions({ retryOptions: { maxRetries: 0 } });
    const scopes = 'https://communication.azure.com/.default';
    pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential: await credential(signIn), scopes }));
    const request = createPipelineRequest({ url, abortSignal: AbortSignal.timeout(DEADLINE_MS) });
    const { status, bodyAsText } = await pipeline.sendRequest(createDefaultHttpClient(), request);
    const answer = status === 200 ? (JSON.parse(bodyAsText ?? '{}') as Record<string, object>) : {};
    return Object.keys(answer[name] ?? {}).length;
  } catch {
    return 0;
  }
}
