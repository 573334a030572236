// Microsoft's sample of a WebSocket for JavaScript, "How to secure webhook endpoints and websocket connections"
// (November 2026):
// https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
// Follows it: the token is verified once the connection is open, with one JwksClient; the listener of messages is added after
// that; the close codes. Differs: the settings come from the environment, and `verify` is read from the default export.
import jsonwebtoken from 'jsonwebtoken';
import { JwksClient } from 'jwks-rsa';
import { WebSocketServer } from 'ws';

const { PORT, ISSUER: issuer, AUDIENCE: audience, JWKS_URL: jwksUri } = process.env;
const client = new JwksClient({ jwksUri });
const server = new WebSocketServer({ port: Number(PORT), host: '127.0.0.1' });

server.on('connection', (socket, request) => {
  const token = (request.headers.authorization || '').split(' ')[1];
  if (!token) return socket.close(1008, 'Unauthorized');
  const key = async ({ kid }, done) => {
    try {
      const found = await client.getSigningKey(kid);
      done(null, found.getPublicKey());
    } catch (error) {
      done(error);
    }
  };
  return jsonwebtoken.verify(token, key, { audience, issuer, algorithms: ['RS256'] }, (error) => {
    if (error) return socket.close(1008, 'Unauthorized');
    return socket.on('message', () => {});
  });
});
