import { app } from '@azure/functions';
import { isSigned } from '../is-signed.ts';

// The least that an app can do which proves a token: one RSA verification of what the header says, and nothing else.
app.http('limit', {
  route: 'callbacks/call-automation',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async ({ headers }) => ({ status: isSigned(headers.get('authorization')) ? 200 : 401 }),
});
