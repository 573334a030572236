import { randomBytes } from 'node:crypto';
import { callbackUris, mediaUris } from '../../shared/calls/uris.ts';
import type { CallbackUri, MediaUri } from '../../shared/calls/uris.ts';
import { systemClock } from '../../shared/clock.ts';
import { vonageKinds } from '../../shared/events/vonage.ts';
import { secretVersion } from '../../shared/secrets/versions.ts';
import type { SecretVersions, SecretVersion } from '../../shared/secrets/versions.ts';
import { startAcs } from '../stand-ins/acs.ts';
import { startAzure } from '../stand-ins/azure.ts';
import { startCallAutomation } from '../stand-ins/call-automation.ts';
import { startEntra } from '../stand-ins/entra.ts';
import { eventGrid as startEventGrid } from '../stand-ins/event-grid.ts';
import { newVonage } from '../stand-ins/vonage.ts';
import type { Schema } from '../stand-ins/event-grid/envelope.ts';

const ACS_HOST = 'ringward-stand-in.communication.azure.com';
const TOPIC =
  '/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/stand-ins/providers/Microsoft.Communication/communicationServices/ringward';
const secretNames = { callback: 'callback-key', eventGrid: 'event-grid-key' } as const;
const newSecret = () => randomBytes(32).toString('base64url');

/** Every stand-in that an app is played to, with the app's secrets in the vault. */
export async function startClouds() {
  const azure = await startAzure();
  const { authority, identity, vault } = azure;
  const tls = await authority.issue(['127.0.0.1']);
  const [acs, entra] = await Promise.all([startAcs(tls), startEntra({ tls })]);
  const callAutomation = await startCallAutomation({
    host: ACS_HOST,
    tls: await authority.issue([ACS_HOST]),
    identity,
    acs,
  });
  azure.lead(ACS_HOST, callAutomation.port);

  const addCallbackSecret = (): SecretVersion => {
    const secret = newSecret();
    const { id } = vault.add(secretNames.callback, secret);
    return secretVersion(id.slice(0, 8), Buffer.from(secret));
  };
  let version = addCallbackSecret();
  const held = async () => [version] as const;
  const ring: SecretVersions = {
    versions: held,
    present: held,
    find: held,
    isComplete: () => true,
    warm: async () => {},
    isAvailable: () => true,
  };
  const key = newSecret();
  vault.add(secretNames.eventGrid, key);
  const eventGrid = {
    topic: TOPIC,
    subscription: 'incoming-calls',
    audience: 'api://ringward-stand-in',
    key,
  };

  const signing = new Map(vonageKinds.map((kind) => [kind, newSecret()]));
  const vonage = newVonage({ secretOf: (kind) => signing.get(kind) ?? '' });
  for (const kind of vonageKinds) vault.add(`vonage-${vonage.apiKey}-${kind}`, vonage.secretOf(kind));

  return {
    acs,
    azure,
    vonage,
    callAutomation,
    entra,
    eventGrid,
    secretNames,
    /** The newest version of the callback secret, which is signed with. */
    get callbackSecret(): SecretVersion {
      return version;
    },
    /** Puts a new version into the vault and signs with it from now on; the old ones still verify. */
    rotateCallbackSecret(): void {
      version = addCallbackSecret();
    },
    /** Mints as the app does, or as a backend that knows the secret. */
    callbackUris: (baseUrl: string): CallbackUri =>
      callbackUris({ baseUrl, ring, ttlSeconds: 3600, clock: systemClock }),
    /** The same of the addresses of the media host. */
    mediaUris: (mediaUrl: string): MediaUri =>
      mediaUris({ mediaUrl, ring, ttlSeconds: 3600, clock: systemClock }),
    /** Event Grid, about to deliver incoming calls to an app. */
    subscriptionTo: (baseUrl: string, schema: Schema = 'event-grid') =>
      startEventGrid({
        topic: TOPIC,
        subscriptionName: eventGrid.subscription,
        schema,
        url: `${baseUrl}/api/events/incoming-call`,
        key,
        token: () => entra.token({ audience: eventGrid.audience }),
        clock: systemClock,
        maxDeliveryAttempts: 2,
        timeToLiveSeconds: 60,
      }),
    async close() {
      await Promise.all([acs.close(), entra.close(), callAutomation.close()]);
      await azure.close();
    },
  };
}

export type Clouds = Awaited<ReturnType<typeof startClouds>>;
