import { newCall } from '../requests.ts';
import { callbackKeys } from './callback-key.ts';
import type { CallForgery } from './call-forgery.ts';
import { tokenCarriage } from './token-carriage.ts';
import { tokenClaims } from './token-claims.ts';
import { tokenForm } from './token-form.ts';
import { tokenHeader } from './token-header.ts';

/** An attacker saw a token and its callback URI on their way. No claim binds the token to the body. */
const tokenReuse: readonly CallForgery[] = [
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

/** Every forgery of a callback, by family. The scenarios, the tests and the inspector send all of them. */
export const callbackForgeries: Readonly<Record<string, readonly CallForgery[]>> = {
  'The callback key in the URI': callbackKeys,
  'How the token is carried': tokenCarriage,
  'The form of the token': tokenForm,
  'The header and the signature of the token': tokenHeader,
  'The claims of the token': tokenClaims,
  'A token used again': tokenReuse,
  'The body': [
    {
      name: 'body-too-large',
      expected: { status: 413, reason: 'body-too-large' },
      forge: ({ request }) => ({ ...request, body: `[${' '.repeat(1024 * 1024)}]` }),
    },
  ],
};
