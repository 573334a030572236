import type { Reason } from '../../reasons.ts';
import { envelopeOf } from './envelope.ts';
import { handled } from '../../delivery/response.ts';
import type { HttpResponse } from '../../delivery/response.ts';
import { jsonElements } from '../../delivery/body.ts';

/** The part of a verified request that a handshake needs. */
type Verified = { readonly headers: { get(name: string): string | null }; readonly body: Uint8Array };

const VALIDATION = 'Microsoft.EventGrid.SubscriptionValidationEvent';
/** Event Grid sends a GUID. Nothing longer is echoed. */
const CODE = /^[\w-]{1,128}$/;

/**
 * Answers the handshakes that are a POST: the validation of a subscription, and the notice of its deletion. Event Grid
 * validates in its own schema. Microsoft's own receiver accepts a CloudEvent as well, with data as JSON text. The
 * validation URL is never fetched and never logged: it alone completes a handshake.
 * https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
 *
 * @returns `undefined` for a notification, which is delivered
 */
export function answerHandshake({ headers, body }: Verified): HttpResponse | Reason | undefined {
  const elements = jsonElements(body) ?? [];
  const validates = elements.some((element) => envelopeOf(element)?.type === VALIDATION);
  switch (headers.get('aeg-event-type')?.toLowerCase() ?? 'notification') {
    case 'notification':
      return validates ? 'handshake-malformed' : undefined;
    case 'subscriptiondeletion':
      return validates ? 'handshake-malformed' : handled;
    case 'subscriptionvalidation':
      return validates && elements.length === 1 ? validated(elements[0]) : 'handshake-malformed';
    default:
      return 'handshake-malformed';
  }
}

function validated(element: unknown): HttpResponse | Reason {
  const data = envelopeOf(element)?.data;
  const code: unknown = data && Reflect.get(data, 'validationCode');
  if (typeof code !== 'string' || !CODE.test(code)) return 'handshake-malformed';
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ validationResponse: code }),
  };
}

/** Grants the request that `webhookRequest` has checked, to the origin as it wrote itself. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md */
export function grantWebhook({ headers }: Verified): HttpResponse {
  return {
    status: 200,
    headers: {
      'webhook-allowed-origin': headers.get('webhook-request-origin') ?? '',
      'webhook-allowed-rate': headers.get('webhook-request-rate') ?? '*',
      allow: 'POST',
    },
  };
}
