// @fastify/jwt with get-jwks, after https://github.com/fastify/fastify-jwt#verifying-with-jwks and
// https://github.com/nearform/get-jwks#options
// Follows them: the key by the token's `iss`, `kid` and `alg`, and `jwtVerify` in an `onRequest` hook. The list of issuers,
// the issuer, the audience, the algorithm and the claims that must be there are optional; all are set here, as the safer choice
// (https://github.com/nearform/fast-jwt#createverifier).
import fastifyJwt from '@fastify/jwt';
import fastify from 'fastify';
import buildGetJwks from 'get-jwks';

const { PORT, ISSUER, AUDIENCE, JWKS_URL } = process.env;
const getJwks = buildGetJwks({ issuersWhitelist: [ISSUER], jwksPath: new URL(JWKS_URL).pathname });
const app = fastify();

app.register(fastifyJwt, {
  decode: { complete: true },
  secret: (_request, { header: { kid, alg }, payload: { iss } }) =>
    getJwks.getPublicKey({ kid, alg, domain: iss }),
  verify: {
    algorithms: ['RS256'],
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    requiredClaims: ['iss', 'aud', 'exp'],
  },
});

app.addHook('onRequest', async (request, reply) => {
  try {
    await request.jwtVerify();
  } catch (error) {
    reply.send(error);
  }
});

app.post('/api/callback', async (_request, reply) => reply.code(200).send());

await app.listen({ port: Number(PORT), host: '127.0.0.1' });
