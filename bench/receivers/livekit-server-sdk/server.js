// livekit-server-sdk on Express, after its README and LiveKit's guide:
// https://github.com/livekit/node-sdks/tree/main/packages/livekit-server-sdk#webhooks
// https://docs.livekit.io/home/server/webhooks/
// Follows them: the raw body of the type that LiveKit sends, and `receive`. Neither says what to do with its error, so it
// reaches Express, which answers 500.
import express from 'express';
import { WebhookReceiver } from 'livekit-server-sdk';

const { PORT, LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = process.env;
const receiver = new WebhookReceiver(LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
const app = express();
app.use(express.raw({ type: 'application/webhook+json' }));

// Express 5 takes the error of an asynchronous handler.
// oxlint-disable-next-line oxc/no-async-endpoint-handlers
app.post('/webhooks/livekit', async (request, response) => {
  await receiver.receive(request.body, request.get('Authorization'));
  response.sendStatus(200);
});

app.listen(PORT, '127.0.0.1');
