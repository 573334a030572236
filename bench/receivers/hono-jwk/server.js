// Hono's JWK middleware, after https://hono.dev/docs/middleware/builtin/jwk and https://hono.dev/docs/getting-started/nodejs
// Follows them: `jwk()` before the route, with the address of the keys. The checks of issuer and audience are optional
// there; both are on here, as the safer choice.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { jwk } from 'hono/jwk';

const { PORT, ISSUER: iss, AUDIENCE: aud, JWKS_URL } = process.env;
const app = new Hono();
app.use('/api/*', jwk({ jwks_uri: JWKS_URL, alg: ['RS256'], verification: { iss, aud } }));

app.post('/api/callback', async (c) => {
  await c.req.json();
  return c.body(null, 200);
});

serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' });
