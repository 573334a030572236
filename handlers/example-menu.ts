import type { Call, Prompt } from '../shared/events/actions.ts';
import type { CallHandlers } from '../shared/events/handlers.ts';

// An example, not in use: a menu by text and keys. Copy it over calls.ts, and replace these texts, number and resource.
const say = (text: string) => ({ text, voiceName: 'en-US-AvaNeural' });
const MENU = say('For our reception, press 1. For our opening hours, press 2.');
const HOURS = say('We are open from Monday to Friday, from nine to five. Goodbye.');
const GOODBYE = say('Goodbye.');
const BUSY = say('Nobody answers at our reception.');
const RECEPTION = { phoneNumber: '+12065550123' };
/** The AI resource that speaks the texts: docs/deploy.md says how to connect it. */
const SPEECH = 'https://<name>.cognitiveservices.azure.com';

/** Asks for one key. */
async function ask(call: Call, playPrompt: Prompt): Promise<void> {
  await call.recognize(await call.caller(), {
    kind: 'callMediaRecognizeDtmfOptions',
    playPrompt,
    interruptPrompt: true,
    maxTonesToCollect: 1,
    initialSilenceTimeoutInSeconds: 10,
  });
}

export const calls = {
  async incoming(_event, { ring, log }) {
    if (ring.missed) return log('missed');
    const callIntelligenceOptions = { cognitiveServicesEndpoint: SPEECH };
    await ring.answer({ operationContext: 'menu', callIntelligenceOptions });
  },
  events: {
    async CallConnected(event, { call }) {
      // Only a call that was answered above.
      if (event.data.operationContext === 'menu') await ask(call, MENU);
    },
    async RecognizeCompleted(event, { call }) {
      const [key] = event.data.dtmfResult?.tones ?? [];
      if (key === 'one') await call.transfer(RECEPTION);
      else if (key === 'two') await call.play(HOURS);
      else await ask(call, MENU);
    },
    // Silence, or a menu that cannot be spoken.
    RecognizeFailed: (_event, { call }) => call.play(GOODBYE),
    CallTransferFailed: (_event, { call }) => ask(call, [BUSY, MENU]),
    // The opening hours or the goodbye are over.
    PlayCompleted: (_event, { call }) => call.hangUp(),
    PlayFailed: (_event, { call }) => call.hangUp(),
    otherwise: () => {},
  },
} satisfies CallHandlers;
