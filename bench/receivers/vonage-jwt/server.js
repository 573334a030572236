// @vonage/jwt, after Vonage's guides:
// https://developer.vonage.com/en/getting-started/concepts/webhooks#validating-signed-webhooks
// https://developer.vonage.com/en/video/guides/secure-callbacks
// Follows them: the secret by the `api_key` of the token, the signature by `verifySignature`, then the optional comparison of
// `payload_hash` with the SHA-256 of the body, as the safer choice. The guides name no other check.
import { createHash } from 'node:crypto';
import { verifySignature } from '@vonage/jwt';
import express from 'express';
import jsonwebtoken from 'jsonwebtoken';

const { PORT, VONAGE_API_KEY, VONAGE_SIGNATURE_SECRET } = process.env;
const secrets = new Map([[VONAGE_API_KEY, VONAGE_SIGNATURE_SECRET]]);
const app = express();
// The hash is that of the body as it was sent.
app.use(express.raw({ type: 'application/json' }));

app.post('/webhooks/vonage', ({ headers, body }, response) => {
  const token = headers.authorization?.split(' ')[1];
  const claims = jsonwebtoken.decode(token);
  const secret = secrets.get(claims?.api_key);
  if (!secret || !verifySignature(token, secret)) return response.sendStatus(401);
  const hash = createHash('sha256').update(body).digest('hex');
  return response.sendStatus(hash === claims.payload_hash ? 200 : 401);
});

app.listen(PORT, '127.0.0.1');
