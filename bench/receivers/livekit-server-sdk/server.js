// livekit-server-sdk on Express, after its README and LiveKit's guide:
// https://github.com/livekit/node-sdks/tree/main/packages/livekit-server-sdk#webhooks
// https://docs.livekit.io/home/server/webhooks/
// Follows them: the raw body of the type that LiveKit sends, and `receive`. Neither says what to do with its error: 401, as
// the safer choice.
import express from 'express';
import { WebhookReceiver } from 'livekit-server-sdk';

const { PORT, LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = process.env;
const receiver = new WebhookReceiver(LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
const app = express();
app.use(express.raw({ type: 'application/webhook+json' }));

app.post('/webhooks/livekit', (request, response) => {
  receiver.receive(request.body, request.get('Authorization')).then(
    () => response.sendStatus(200),
    () => response.sendStatus(401),
  );
});

app.listen(PORT, '127.0.0.1');
