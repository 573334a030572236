import type { Check } from '../check.ts';
import { reject } from '../check.ts';

/** Who asks for permission when Event Grid does. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md */
export const EVENT_GRID_ORIGIN = 'eventgrid.azure.net';

/**
 * The handshake of the CloudEvents web hook: OPTIONS with the origin that wants to deliver and the rate it wants. It is
 * no authentication; it says what is asked for.
 */
export const webhookRequest: Check = {
  name: 'webhook-request',
  run({ headers }) {
    if (headers.get('webhook-request-origin') !== EVENT_GRID_ORIGIN) reject('webhook-origin');
    const rate = headers.get('webhook-request-rate');
    if (rate !== null && !isRate(rate)) reject('webhook-rate');
    return {};
  },
};

/** Deliveries a minute, or `*` for as many as may be. */
const isRate = (text: string) => text === '*' || /^[1-9]\d{0,8}$/.test(text);
