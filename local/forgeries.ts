import { callbackKeys } from './providers/call-automation/forgeries/callback-key.ts';
import { handshakes, permissions } from './providers/event-grid/forged-handshakes.ts';
import { entraTokens, sharedKeys, subscriptions } from './providers/event-grid/forgeries.ts';
import type { Forgery, GenuineIncoming } from './providers/forgery.ts';
import { vonageFamilies } from './providers/vonage/forgeries.ts';
import type { GenuineVonage } from './providers/vonage/forgeries.ts';
import { mediaFamilies } from './providers/call-automation/forgeries/media.ts';
import { tokenCarriage } from './providers/call-automation/forgeries/token-carriage.ts';
import { tokenClaims } from './providers/call-automation/forgeries/token-claims.ts';
import { tokenForm } from './providers/call-automation/forgeries/token-form.ts';
import { tokenReuse } from './providers/call-automation/forgeries/token-reuse.ts';
import { tokenHeader } from './providers/call-automation/forgeries/token-header.ts';

/**
 * The one table of attacks, by family. The played call, the tests and whatever else shows a refusal go by it, so that
 * an attack that is added here is tried everywhere.
 */
export const forgeryFamilies: Readonly<Record<string, readonly Forgery[]>> = {
  'The callback key in the URI': callbackKeys,
  'How the token is carried': tokenCarriage,
  'The form of the token': tokenForm,
  'The header and the signature of the token': tokenHeader,
  'The claims of the token': tokenClaims,
  'A token used again': tokenReuse,
  'The body': [
    {
      name: 'body-too-large',
      expected: { status: 413, reason: 'body-too-large' },
      forge: ({ request }) => ({ ...request, body: `[${' '.repeat(1024 * 1024)}]` }),
    },
  ],
};

export const forgeries: readonly Forgery[] = Object.values(forgeryFamilies).flat();

/** The same on the route of Vonage's archive callbacks. */
export { vonageFamilies as vonageForgeryFamilies } from './providers/vonage/forgeries.ts';
export const vonageForgeries: readonly Forgery<GenuineVonage>[] = Object.values(vonageFamilies).flat();

/** The same on the upgrades of the media host. */
export { mediaFamilies as mediaForgeryFamilies } from './providers/call-automation/forgeries/media.ts';
export const mediaForgeries: readonly Forgery[] = Object.values(mediaFamilies).flat();

/** The same on the incoming-call route. */
export const incomingForgeryFamilies: Readonly<Record<string, readonly Forgery<GenuineIncoming>[]>> = {
  'The shared key of Event Grid': sharedKeys,
  'The subscription and its topic': subscriptions,
  'The Entra token': entraTokens,
  'The handshake of a subscription': handshakes,
  'The handshake of CloudEvents': permissions,
};

export const incomingForgeries: readonly Forgery<GenuineIncoming>[] =
  Object.values(incomingForgeryFamilies).flat();
