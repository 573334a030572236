// Twilio's own middleware on Express, after "Secure your Express app by validating incoming Twilio requests":
// https://www.twilio.com/docs/usage/tutorials/how-to-secure-your-express-app-by-validating-incoming-twilio-requests
// Follows it: forms are parsed by Express, and `twilio.webhook()` takes the token from TWILIO_AUTH_TOKEN.
import express from 'express';
import twilio from 'twilio';

const app = express();
app.use(express.urlencoded({ extended: false }));

app.post('/webhooks/twilio', twilio.webhook(), (_request, response) => {
  response.type('text/xml').send(new twilio.twiml.VoiceResponse().toString());
});

app.listen(process.env.PORT, '127.0.0.1');
