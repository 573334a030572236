// express-oauth2-jwt-bearer, after its README and the page of its options:
// https://github.com/auth0/node-oauth2-jwt-bearer/tree/main/packages/express-oauth2-jwt-bearer#getting-started
// https://auth0.github.io/node-oauth2-jwt-bearer/interfaces/AuthOptions.html
// Follows them: `auth()` for every route, with the whole address of the configuration, which `issuerBaseURL` allows where
// it is not the standard's. The algorithm is optional there; it is named here, as the safer choice.
import express from 'express';
import { auth } from 'express-oauth2-jwt-bearer';

const { PORT, OPENID_CONFIGURATION_URL, AUDIENCE: audience } = process.env;
const app = express();
app.use(auth({ issuerBaseURL: OPENID_CONFIGURATION_URL, audience, tokenSigningAlg: 'RS256' }));
app.use(express.json());

app.post('/api/callback', (_request, response) => {
  response.sendStatus(200);
});

app.listen(PORT, '127.0.0.1');
