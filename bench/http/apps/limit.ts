import { createPublicKey } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { app } from '@azure/functions';
import { isSigned } from '../is-signed.ts';
import { issuer } from '../servers/environment.ts';

// The least that an app can do which proves a token: one RSA verification of what the header says, and nothing else.
const { keys } = (await (await fetch(issuer.jwksUri)).json()) as { keys: [JsonWebKey] };
const key = createPublicKey({ key: keys[0], format: 'jwk' });

app.http('limit', {
  route: 'callbacks/call-automation',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async ({ headers }) => ({ status: isSigned(headers.get('authorization'), key) ? 200 : 401 }),
});
