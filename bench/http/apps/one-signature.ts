import { app } from '@azure/functions';
import { firstKey, isSigned } from '../../verifiers/rs256.ts';
import { issuer } from '../environment.ts';

// The least that an app can do about a token: one RSA verification, and nothing else.
const key = await firstKey(issuer);
app.http('one-signature', {
  route: 'callbacks/call-automation',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async ({ headers }) => {
    const token = headers.get('authorization')?.slice('Bearer '.length) ?? '';
    return { status: isSigned(token, key) ? 200 : 401 };
  },
});
