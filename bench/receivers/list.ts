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
  },
  {
    ...CALLBACK,
    name: 'microsoft-sample-mended',
    title: "Microsoft's sample, JavaScript, mended",
    source: 'https://github.com/auth0/node-jsonwebtoken#jwtverifytoken-secretorpublickey-options-callback',
    platform: 'node',
    packages: ['jsonwebtoken', 'jwks-rsa', 'express'],
  },
  {
    ...CALLBACK,
    name: 'aspnet-jwt-bearer',
    title: "Microsoft's sample, C#",
    source: MICROSOFT,
    platform: 'dotnet',
    packages: ['Microsoft.AspNetCore.Authentication.JwtBearer'],
  },
  {
    ...CALLBACK,
    name: 'flask-pyjwt',
    title: "Microsoft's sample, Python",
    source: MICROSOFT,
    platform: 'python',
    packages: ['PyJWT', 'Flask'],
  },
  {
    ...CALLBACK,
    name: 'express-oauth2-jwt-bearer',
    title: 'express-oauth2-jwt-bearer',
    source:
      'https://github.com/auth0/node-oauth2-jwt-bearer/tree/main/packages/express-oauth2-jwt-bearer#getting-started',
    platform: 'node',
    packages: ['express-oauth2-jwt-bearer', 'express'],
  },
  {
    ...CALLBACK,
    name: 'hono-jwk',
    title: "Hono's JWK middleware",
    source: 'https://hono.dev/docs/middleware/builtin/jwk',
    platform: 'node',
    packages: ['hono', '@hono/node-server'],
  },
  {
    ...CALLBACK,
    name: 'fastify-jwt',
    title: '@fastify/jwt, get-jwks',
    source: 'https://github.com/fastify/fastify-jwt#verifying-with-jwks',
    platform: 'node',
    packages: ['@fastify/jwt', 'get-jwks', 'fastify'],
  },
  {
    name: 'microsoft-websocket-sample',
    title: "Microsoft's WebSocket sample, JavaScript",
    source: MICROSOFT,
    sender: 'media',
    path: '/',
    platform: 'node',
    packages: ['jsonwebtoken', 'jwks-rsa', 'ws'],
  },
  {
    name: 'aspnet-event-grid',
    title: 'JwtBearer, C#',
    source: 'https://learn.microsoft.com/azure/event-grid/secure-webhook-delivery',
    sender: 'event-grid',
    path: '/api/events',
    platform: 'dotnet',
    packages: ['Microsoft.AspNetCore.Authentication.JwtBearer'],
  },
  {
    name: 'vonage-jwt',
    title: '@vonage/jwt',
    source: 'https://developer.vonage.com/en/getting-started/concepts/webhooks#validating-signed-webhooks',
    sender: 'vonage',
    path: '/webhooks/vonage',
    platform: 'node',
    packages: ['@vonage/jwt', 'express'],
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
  },
];
