import { randomBytes } from 'node:crypto';
import { callbackUris, mediaUris } from '../shared/calls/uris.ts';
import { systemClock } from '../shared/clock.ts';
import { knownVersions, secretVersion } from '../shared/secrets/versions.ts';
import type { SecretVersion } from '../shared/secrets/versions.ts';
import type { Environment } from '../shared/settings/table.ts';
import { startAzure } from './fakes/azure.ts';
import type { FakeAzure } from './fakes/azure.ts';
import { isTaken } from './handler-settings.ts';
import { providers } from './providers/index.ts';
import type { FakeCloud, FakeService } from './target.ts';

const CALLBACK_SECRET = 'callback-key';

/** Starts the fake service of every provider, with the app's secrets in the vault. */
export async function startFakeCloud(): Promise<FakeCloud> {
  const azure = await startAzure();
  const started = await Promise.all(
    providers.map(async (provider) => [provider, await provider.start(azure)] as const),
  );
  const services = new Map<unknown, FakeService>(started);

  let newest = addCallbackSecret(azure);
  const uris = { secret: knownVersions(() => [newest]), ttlSeconds: 3600, clock: systemClock };
  return {
    azure,
    services: [...services.values()],
    of<Fake extends FakeService>(provider: { start(azure: FakeAzure): Promise<Fake> }) {
      return services.get(provider) as Fake;
    },
    get callbackSecret() {
      return newest;
    },
    rotateCallbackSecret() {
      newest = addCallbackSecret(azure);
    },
    callbackUris: (baseUrl) => callbackUris({ ...uris, baseUrl }),
    mediaUris: (mediaUrl) => mediaUris({ ...uris, mediaUrl }),
    async close() {
      await Promise.all([...services.values()].map((service) => service.close()));
      await azure.close();
    },
  };
}

function addCallbackSecret({ vault }: FakeAzure): SecretVersion {
  const value = randomBytes(32).toString('base64url');
  const { id } = vault.add(CALLBACK_SECRET, value);
  return secretVersion(id.slice(0, 8), Buffer.from(value));
}

/**
 * The settings of a rehearsed app: the fake services, and none of Ringward's settings that the caller has, so that it
 * reaches nothing real by accident. The settings of the caller's handlers stay.
 *
 * @param own the caller's settings
 * @param baseUrl where the app will listen
 * @param mediaUrl where the media host will listen, if there is one
 */
export function rehearsalEnvironment(
  own: Environment,
  { azure, services }: FakeCloud,
  baseUrl: string,
  mediaUrl?: string,
): Environment {
  return {
    ...Object.fromEntries(Object.entries(own).filter(([name]) => !isTaken(name))),
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    ...azure.environment,
    ...Object.assign({}, ...services.map(({ environment }) => environment)),
    CALLBACK_BASE_URL: baseUrl,
    CALLBACK_KEY_SECRET: CALLBACK_SECRET,
    ...(mediaUrl && { MEDIA_URL: mediaUrl, MEDIA_STOP_GRACE_SECONDS: '0' }),
    // The inspector shows each check and its time.
    DELIVERY_LOG: 'full',
    // The fake services send from this machine.
    SOURCE_ADDRESS_RANGES: '127.0.0.0/8',
  };
}
