import { publishKeys } from './key-publisher.ts';
import type { KeyPublisher } from './key-publisher.ts';

/** An issuer of tokens: an OpenID configuration, a key set, and keys that come and go. */
export type Issuer = Omit<KeyPublisher<'configuration' | 'keys'>, 'origin'> & {
  readonly issuer: string;
  readonly openIdConfigurationUrl: string;
};

/** @param tls a certificate and its key, in PEM; without them it speaks http */
export async function startIssuer(options: {
  configurationPath: string;
  keysPath: string;
  tls?: { cert: string; key: string };
}): Promise<Issuer> {
  const { configurationPath, keysPath, tls } = options;
  const { origin, ...publisher } = await publishKeys({
    names: ['configuration', 'keys'],
    documents: (issuer, keys) => ({
      [configurationPath]: {
        name: 'configuration',
        right: () => ({ issuer, jwks_uri: `${issuer}${keysPath}` }),
      },
      [keysPath]: { name: 'keys', right: () => ({ keys: keys().map(({ jwk }) => jwk) }) },
    }),
    tls,
  });
  return { ...publisher, issuer: origin, openIdConfigurationUrl: `${origin}${configurationPath}` };
}
