// Microsoft's sample for JavaScript, "How to secure webhook endpoints and websocket connections" (November 2026):
// https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
// Follows it: the order of the steps, jsonwebtoken with a key callback and without a completion callback, a new JwksClient
// for each request, the status codes. Differs: the settings come from the environment, and `verify` is read from the
// default export, since Node finds no named export in jsonwebtoken.
import express from 'express';
import jsonwebtoken from 'jsonwebtoken';
import { JwksClient } from 'jwks-rsa';

const { PORT, ISSUER: issuer, AUDIENCE: audience, JWKS_URL: jwksUri } = process.env;
const app = express();
app.use(express.json());

app.post('/api/callback', (request, response) => {
  const token = request.headers.authorization?.split(' ')[1] || '';
  if (!token) return response.sendStatus(401);
  const key = (header, done) => {
    new JwksClient({ jwksUri }).getSigningKey(header.kid, (error, found) => {
      done(error, found?.publicKey || found?.rsaPublicKey);
    });
  };
  try {
    jsonwebtoken.verify(token, key, { audience, issuer, algorithms: ['RS256'] });
    return response.sendStatus(200);
  } catch {
    return response.sendStatus(401);
  }
});

app.listen(PORT, '127.0.0.1');
