import { callAutomation } from './call-automation/index.ts';
import { eventGrid } from './event-grid/index.ts';
import { livekit } from './livekit.ts';
import type { RehearsalProvider } from './provider.ts';
import { twilio } from './twilio.ts';
import { vonageMessages } from './vonage-messages.ts';
import { vonageVoice } from './vonage-voice.ts';
import { vonage } from './vonage/index.ts';

/** Every sender, in the order in which `npm start` plays them: a call first rings at Event Grid. */
export const providers: readonly RehearsalProvider[] = [
  eventGrid,
  callAutomation,
  vonage,
  vonageVoice,
  vonageMessages,
  livekit,
  twilio,
];
