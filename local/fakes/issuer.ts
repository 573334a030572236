import { publishKeys } from './key-publisher.ts';
import type { KeyPublisher } from './key-publisher.ts';

/** An issuer of tokens: an OpenID configuration, a key set, and keys that come and go. */
export type Issuer = KeyPublisher<'configuration' | 'keys'> & {
  readonly issuer: string;
  readonly openIdConfigurationUrl: string;
  readonly keysUrl: string;
};

/** Without a certificate and its key, in PEM, it speaks http. It takes any free port by default. */
export async function startIssuer(options: {
  configurationPath: string;
  keysPath: string;
  tls?: { cert: string; key: string } | undefined;
  port?: number | undefined;
}): Promise<Issuer> {
  const { configurationPath, keysPath, tls, port } = options;
  const publisher = await publishKeys({
    names: ['configuration', 'keys'],
    documents: (issuer, keys) => ({
      [configurationPath]: {
        name: 'configuration',
        right: () => ({ issuer, jwks_uri: `${issuer}${keysPath}` }),
      },
      [keysPath]: { name: 'keys', right: () => ({ keys: keys().map(({ jwk }) => jwk) }) },
    }),
    tls,
    port,
  });
  const { origin } = publisher;
  return {
    ...publisher,
    issuer: origin,
    openIdConfigurationUrl: `${origin}${configurationPath}`,
    keysUrl: `${origin}${keysPath}`,
  };
}
