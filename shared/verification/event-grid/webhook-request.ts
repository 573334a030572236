import { reject } from '../../errors.ts';
import type { Check } from '../check.ts';

/** Event Grid's origin in a handshake. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md */
export const EVENT_GRID_ORIGIN = 'eventgrid.azure.net';

/**
 * The handshake of the CloudEvents web hook: OPTIONS with the origin that wants to deliver and its rate. It does not
 * authenticate the sender.
 */
export const webhookRequest: Check = {
  name: 'webhook-request',
  async run({ headers }) {
    if (headers.get('webhook-request-origin') !== EVENT_GRID_ORIGIN) reject('webhook-origin');
    const rate = headers.get('webhook-request-rate');
    if (rate !== null && !isRate(rate)) reject('webhook-rate');
    return {};
  },
};

/** Deliveries a minute, or `*` for no limit. */
const isRate = (text: string) => text === '*' || /^[1-9]\d{0,8}$/.test(text);
