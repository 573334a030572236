import { vonageKinds } from '../../../../shared/events/vonage.ts';
import type { Fakes } from '../../../support/fakes.ts';

/** Every secret of the fakes, by a name that may be printed. */
export function secretsOf({ callbackSecret, eventGrid, vonage }: Fakes): Readonly<Record<string, string>> {
  const callback = Buffer.from(callbackSecret.secret);
  return {
    'the callback secret': callback.toString(),
    'the callback secret in base64': callback.toString('base64'),
    'the key of Event Grid': eventGrid.key,
    ...Object.fromEntries(vonageKinds.map((kind) => [`the secret of ${kind}`, vonage.secretOf(kind)])),
  };
}

/** Three segments of which the first two begin as JSON does, and a callback key or a ticket with its MAC. */
export const tokenLike = /\bey[\w-]{8,}\.ey[\w-]{8,}\.[\w-]{8,}|\bv1\.\w+\.[\w-]{22}\.\d+\.[\w-]{20,}/;
