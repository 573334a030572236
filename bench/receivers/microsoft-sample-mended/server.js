// Microsoft's sample for JavaScript (../microsoft-sample/server.js), mended as its reader would mend it: with the
// completion callback that jsonwebtoken 9 asks for, and one JwksClient, which caches keys. Both as these READMEs show it:
// https://github.com/auth0/node-jsonwebtoken#jwtverifytoken-secretorpublickey-options-callback
// https://github.com/auth0/node-jwks-rsa#usage
import express from 'express';
import jsonwebtoken from 'jsonwebtoken';
import { JwksClient } from 'jwks-rsa';

const { PORT, ISSUER: issuer, AUDIENCE: audience, JWKS_URL: jwksUri } = process.env;
const client = new JwksClient({ jwksUri });
const app = express();
app.use(express.json());

app.post('/api/callback', (request, response) => {
  const token = request.headers.authorization?.split(' ')[1] || '';
  if (!token) return response.sendStatus(401);
  const key = (header, done) => {
    client.getSigningKey(header.kid, (error, found) => {
      done(error, found?.publicKey || found?.rsaPublicKey);
    });
  };
  jsonwebtoken.verify(token, key, { audience, issuer, algorithms: ['RS256'] }, (error) => {
    response.sendStatus(error ? 401 : 200);
  });
});

app.listen(PORT, '127.0.0.1');
