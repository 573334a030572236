import { reasons } from '../../shared/reasons.ts';
import type { Reason } from '../../shared/reasons.ts';
import type { TestedFamily } from './tested-sender.ts';

// What is wrong with a forgery, for a report about any receiver.

/** Of the reasons that name settings of Ringward. */
const NEUTRAL: Readonly<Partial<Record<Reason, string>>> = {
  'body-too-large': 'the body is larger than any that this sender sends',
  'callback-key-too-far-ahead': 'the callback key expires further ahead than a day',
  'livekit-key-unknown': 'iss is not the API key',
  'subscription-not-allowed': 'aeg-subscription-name is not that of the subscription',
  'token-application': 'appid or azp is not the application of Event Grid in this cloud',
  'token-audience': 'aud is not the audience: the token is for another resource',
  'token-project': 'api_key or application_id is missing, or not the one that signs',
  'token-reused': 'the token was used before, with another body',
  'token-role': 'roles lacks AzureEventGridSecureWebhookSubscriber',
  'token-tenant': 'tid is not the tenant',
  'token-too-old': 'iat is longer ago than the sender retries',
  'topic-not-allowed': 'the topic is not that of the subscription',
  'twilio-account-unknown': 'AccountSid is missing, or not the account whose auth token signs',
};

export const becauseOf = ({
  expected: { reason },
  because,
}: Pick<TestedFamily['members'][number], 'expected' | 'because'>) =>
  because ?? NEUTRAL[reason] ?? reasons[reason].means;

export const WITHOUT_TOKEN = reasons['token-missing'].means;
