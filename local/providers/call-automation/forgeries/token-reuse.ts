import { newCall } from '../call.ts';
import type { Forgery } from '../../forgery.ts';

/** A token that was seen on its way, under a callback URI that was seen with it: no claim binds it to the body. */
export const tokenReuse: readonly Forgery[] = [
  {
    name: 'token-reused-for-another-body',
    expected: { status: 401, reason: 'token-reused' },
    afterGenuine: true,
    forge: ({ request }) => ({ ...request, body: JSON.stringify([newCall().event('CallDisconnected')]) }),
  },
  {
    name: 'token-reused-for-the-body-and-more',
    expected: { status: 401, reason: 'token-reused' },
    afterGenuine: true,
    forge: ({ request }) => ({ ...request, body: `${String(request.body)} ` }),
  },
];
