/** What a receiver runs on; start.ts says how it is installed and started there. */
export type Platform = 'node' | 'dotnet' | 'python';

export type Receiver = {
  /** Its folder. */
  readonly name: string;
  readonly title: string;
  /** The documentation that it follows. */
  readonly source: string;
  /** Whose webhooks it receives: names of `npm run conformance`. */
  readonly sender: string;
  readonly path: string;
  readonly platform: Platform;
  /** What it verifies with: the versions in the tables. */
  readonly packages: readonly string[];
  /** What explains its results: Markdown, a paragraph each. */
  readonly remarks?: readonly string[];
};

const MICROSOFT =
  'https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint';
const CALLBACK = { sender: 'call-automation', path: '/api/callback' };

export const receivers: readonly Receiver[] = [
  {
    ...CALLBACK,
    name: 'microsoft-sample',
    title: "Microsoft's sample, JavaScript",
    source: MICROSOFT,
    platform: 'node',
    packages: ['jsonwebtoken', 'jwks-rsa', 'express'],
    remarks: [
      'jsonwebtoken 9 throws where it gets a key callback without a completion callback, before it looks at the token. So every request is answered 401, genuine ones too.',
    ],
  },
  {
    ...CALLBACK,
    name: 'microsoft-sample-mended',
    title: "Microsoft's sample, JavaScript, mended",
    source: 'https://github.com/auth0/node-jsonwebtoken#jwtverifytoken-secretorpublickey-options-callback',
    platform: 'node',
    packages: ['jsonwebtoken', 'jwks-rsa', 'express'],
    remarks: [
      'Where the issuer signs a token whose claims are `null`, jsonwebtoken 9.0.3 throws in the callback, which ends the process. Nobody but the issuer can make such a token.',
    ],
  },
  {
    ...CALLBACK,
    name: 'aspnet-jwt-bearer',
    title: "Microsoft's sample, C#",
    source: MICROSOFT,
    platform: 'dotnet',
    packages: ['Microsoft.AspNetCore.Authentication.JwtBearer'],
    remarks: [
      'The sample fetches the keys once, at the start. A key that the issuer adds later is refused until the receiver starts again.',
      'A token whose `kid` is missing or unknown is tried with every key: the signature is verified all the same.',
      '`an-event-with-unknown-members` has an array in an extension attribute, which CloudEvents 1.0 does not allow and `Azure.Messaging.CloudEvent` refuses. `a-content-type-in-other-case` has its charset in quotation marks, which ASP.NET Core does not read.',
    ],
  },
  {
    ...CALLBACK,
    name: 'flask-pyjwt',
    title: "Microsoft's sample, Python",
    source: MICROSOFT,
    platform: 'python',
    packages: ['PyJWT', 'Flask'],
    remarks: [
      'The sample fetches the keys for every request. A request without a token, and any error that is not an `InvalidTokenError`, is answered 500.',
      'The version of PyJWT is that of the distribution. 2.6 gives up a whole key set for one key of a type that it does not know ([pyjwt#862](https://github.com/jpadilla/pyjwt/issues/862), corrected since).',
    ],
  },
  {
    ...CALLBACK,
    name: 'express-oauth2-jwt-bearer',
    title: 'express-oauth2-jwt-bearer',
    source:
      'https://github.com/auth0/node-oauth2-jwt-bearer/tree/main/packages/express-oauth2-jwt-bearer#getting-started',
    platform: 'node',
    packages: ['express-oauth2-jwt-bearer', 'express'],
    remarks: ['It also takes a token from the query, as RFC 6750 allows.'],
  },
  {
    ...CALLBACK,
    name: 'hono-jwk',
    title: "Hono's JWK middleware",
    source: 'https://hono.dev/docs/middleware/builtin/jwk',
    platform: 'node',
    packages: ['hono', '@hono/node-server'],
    remarks: [
      'The middleware fetches the keys for every request, without a deadline. While the issuer is out, it refuses everything.',
    ],
  },
  {
    ...CALLBACK,
    name: 'fastify-jwt',
    title: '@fastify/jwt, get-jwks',
    source: 'https://github.com/fastify/fastify-jwt#verifying-with-jwks',
    platform: 'node',
    packages: ['@fastify/jwt', 'get-jwks', 'fastify'],
    remarks: [
      'An unknown key, or any other error of get-jwks and fast-jwt that is no refusal of @fastify/jwt, is answered 500, as its documentation has it (`reply.send(error)`).',
    ],
  },
  {
    name: 'microsoft-websocket-sample',
    title: "Microsoft's WebSocket sample, JavaScript",
    source: MICROSOFT,
    sender: 'media',
    path: '/',
    platform: 'node',
    packages: ['jsonwebtoken', 'jwks-rsa', 'ws'],
    remarks: [
      'The sample opens each connection, and closes it with 1008 where the token is bad. While the keys do not come, a connection stays open unverified; its messages are dropped. `it-hangs: an unknown key` is such a connection, not one that got in.',
      'Not in the list, and seen by hand: a frame that arrives while the first key is fetched is lost, because the listener is added afterwards. That is the metadata of the stream.',
    ],
  },
  {
    name: 'aspnet-event-grid',
    title: 'JwtBearer, C#',
    source: 'https://learn.microsoft.com/azure/event-grid/secure-webhook-delivery',
    sender: 'event-grid',
    path: '/api/events',
    platform: 'dotnet',
    packages: ['Microsoft.AspNetCore.Authentication.JwtBearer'],
    remarks: [
      'Microsoft.IdentityModel fetches keys again after an unknown one, at most every five minutes. A key that is added meanwhile is refused for so long; the tool waits for less.',
      "Microsoft's pages do not tell a receiver to look at Event Grid's application id, so a token of any other application of the tenant for this audience is accepted.",
      'A handshake over OPTIONS with an odd rate is granted. That lets no event in.',
    ],
  },
  {
    name: 'vonage-jwt',
    title: '@vonage/jwt',
    source: 'https://developer.vonage.com/en/getting-started/concepts/webhooks#validating-signed-webhooks',
    sender: 'vonage',
    path: '/webhooks/vonage',
    platform: 'node',
    packages: ['@vonage/jwt', 'express'],
    remarks: ["Vonage's guides name no age that a receiver must enforce, and a token has no expiry."],
  },
  {
    name: 'livekit-server-sdk',
    title: 'livekit-server-sdk',
    source: 'https://github.com/livekit/node-sdks/tree/main/packages/livekit-server-sdk#webhooks',
    sender: 'livekit',
    path: '/webhooks/livekit',
    platform: 'node',
    packages: ['livekit-server-sdk', 'express'],
  },
  {
    name: 'twilio-webhook',
    title: 'twilio.webhook()',
    source:
      'https://www.twilio.com/docs/usage/tutorials/how-to-secure-your-express-app-by-validating-incoming-twilio-requests',
    sender: 'twilio',
    path: '/webhooks/twilio',
    platform: 'node',
    packages: ['twilio', 'express'],
    remarks: [
      'The documented form parses forms alone; a JSON body would need `rawBody`. A request under a shared key is answered 500, since none is configured.',
    ],
  },
];
