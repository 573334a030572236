import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { app } from '@azure/functions';
import { issuer } from '../servers/environment.ts';

// The least that an app can do which proves a token: one RSA verification of what the header says, and nothing else.
const { keys } = (await (await fetch(issuer.jwksUri)).json()) as { keys: [JsonWebKey] };
const key = createPublicKey({ key: keys[0], format: 'jwk' });

app.http('limit', {
  route: 'callbacks/call-automation',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async (request) => {
    const token = request.headers.get('authorization')?.slice('Bearer '.length) ?? '';
    const end = token.lastIndexOf('.');
    const signed = Buffer.from(token.slice(0, end));
    const genuine = verify('sha256', signed, key, Buffer.from(token.slice(end + 1), 'base64url'));
    return { status: genuine ? 200 : 401 };
  },
});
