import { callAutomation } from './call-automation.ts';
import { eventGrid } from './event-grid/index.ts';
import { livekit } from './livekit.ts';
import { twilio } from './twilio.ts';
import { vonageMessages } from './vonage-messages.ts';
import { vonageVoice } from './vonage-voice.ts';
import { vonage } from './vonage/index.ts';

/** Every sender. Registration, health, settings, docs and the tools go through this list. */
export const providers = [
  callAutomation,
  eventGrid,
  vonage,
  vonageVoice,
  vonageMessages,
  livekit,
  twilio,
] as const;
