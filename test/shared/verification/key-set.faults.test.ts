import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { isUnsettled } from '../../clock.ts';
import { answering, dripping, json, silence, startIssuer } from '../../support/issuer.ts';
import type { ScriptedIssuer } from '../../support/issuer.ts';
import { OUTAGE, keySetOnLoopback, signingKey } from '../../support/key-set.ts';

const DAY = 86_400_000;

/** How an issuer may go wrong, handing out a key of the forger's wherever that would show. */
type Fault = (issuer: ScriptedIssuer) => void | Promise<void>;

const evilSet = async () => ({ keys: [(await signingKey('evil')).jwk] });
const evilWith = (status: number, headers: Record<string, string> = {}): Fault => {
  return async (issuer) => issuer.at('/keys', json(await evilSet(), status, headers));
};
const keysAre =
  (body: string | Uint8Array): Fault =>
  (issuer) =>
    issuer.at('/keys', answering(body));
/** Another configuration, behind which the forger's keys lie. */
const configured = (document: (issuer: ScriptedIssuer) => unknown): Fault => {
  return async (issuer) => {
    issuer.at('/configuration', json(document(issuer)));
    issuer.at('/keys', json(await evilSet()));
  };
};

const faults: readonly (readonly [string, RegExp, Fault])[] = [
  ['an empty set', /key set holds no usable/, keysAre('{"keys":[]}')],
  ['no set', /key set is not a JWK set/, keysAre('{}')],
  ['a list', /key set is not a JWK set/, async (issuer) => issuer.at('/keys', json((await evilSet()).keys))],
  ['null', /key set is not a JWK set/, keysAre('null')],
  ['a set that is no list', /key set is not a JWK set/, keysAre('{"keys":{"length":1}}')],
  ['a page of HTML', /key set is not JSON/, keysAre('<html>Sorry</html>')],
  ['nothing', /key set is not JSON/, keysAre('')],
  [
    'half a document',
    /key set is not JSON/,
    async (issuer) => {
      issuer.at('/keys', answering(JSON.stringify(await evilSet()).slice(0, -1)));
    },
  ],
  [
    'what is not UTF-8',
    /key set cannot be reached/,
    async (issuer) => {
      const document = JSON.stringify({ ...(await evilSet()), note: '~' });
      issuer.at('/keys', answering(Buffer.from(document).map((byte) => (byte === 0x7e ? 0xff : byte))));
    },
  ],
  [
    'more than 256 KiB',
    /key set is larger than 256 KiB/,
    async (issuer) => {
      issuer.at('/keys', answering(JSON.stringify(await evilSet()).padEnd(256 * 1024 + 1)));
    },
  ],
  [
    'more than 256 KiB, compressed to less',
    /key set is larger than 256 KiB/,
    async (issuer) => {
      const document = gzipSync(JSON.stringify(await evilSet()).padEnd(256 * 1024 + 1));
      issuer.at('/keys', answering(document, 200, { 'content-encoding': 'gzip' }));
    },
  ],
  [
    'a redirect',
    /key set answered 302/,
    async (issuer) => {
      issuer.at('/evil', json(await evilSet()));
      issuer.at('/keys', answering('', 302, { location: `${issuer.issuer}/evil` }));
    },
  ],
  ['404', /key set answered 404/, evilWith(404)],
  ['429', /key set answered 429/, evilWith(429, { 'retry-after': '30' })],
  ['500', /key set answered 500/, evilWith(500)],
  ['503', /key set answered 503/, evilWith(503)],
  ['203', /key set answered 203/, evilWith(203)],
  ['nothing at all', /key set did not answer in time/, (issuer) => issuer.at('/keys', silence)],
  ['a first byte and no more', /key set did not answer in time/, (issuer) => issuer.at('/keys', dripping)],
  [
    'a connection that breaks',
    /key set cannot be reached/,
    (issuer) => {
      issuer.at('/keys', (request) => request.socket.destroy());
    },
  ],
  [
    'a configuration of another issuer',
    /configuration names another issuer/,
    configured(({ issuer }) => {
      return { issuer: `${issuer}/`, jwks_uri: `${issuer}/keys` };
    }),
  ],
  [
    'a configuration that names no issuer',
    /configuration names another issuer/,
    configured(({ issuer }) => {
      return { jwks_uri: `${issuer}/keys` };
    }),
  ],
  [
    'a configuration without keys',
    /configuration has no usable jwks_uri/,
    configured(({ issuer }) => ({ issuer })),
  ],
  [
    'a configuration with a path for the keys',
    /configuration has no usable jwks_uri/,
    configured(({ issuer }) => {
      return { issuer, jwks_uri: '/keys' };
    }),
  ],
  [
    'a configuration whose keys are a list',
    /configuration has no usable jwks_uri/,
    configured(({ issuer }) => {
      return { issuer, jwks_uri: [`${issuer}/keys`] };
    }),
  ],
  [
    'a configuration with keys under another name',
    /jwks_uri on another site/,
    configured(({ issuer }) => {
      return { issuer, jwks_uri: `${issuer.replace('127.0.0.1', 'localhost')}/keys` };
    }),
  ],
  [
    'a configuration with keys under another scheme',
    /jwks_uri on another site/,
    configured(({ issuer }) => {
      return { issuer, jwks_uri: `data:application/json,{}` };
    }),
  ],
  [
    'a configuration with keys on another port',
    /jwks_uri on another site/,
    async (issuer) => {
      const other = await startIssuer();
      onTestFinished(other.close);
      other.at('/keys', json(await evilSet()));
      issuer.at('/configuration', json({ issuer: issuer.issuer, jwks_uri: `${other.issuer}/keys` }));
    },
  ],
  [
    'a configuration that redirects',
    /configuration answered 307/,
    async (issuer) => {
      issuer.at('/evil', json({ issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/keys` }));
      issuer.at('/keys', json(await evilSet()));
      issuer.at('/configuration', answering('', 307, { location: `${issuer.issuer}/evil` }));
    },
  ],
  ['a configuration that is null', /configuration names another issuer/, configured(() => null)],
  ['no configuration', /configuration answered 404/, (issuer) => issuer.at('/configuration', json({}, 404))],
];

test.each(faults)(
  'an issuer that answers with %s leaves the old keys in force',
  async (_name, why, fault) => {
    const { clock, issuer, keys, ask, noted } = await keySetOnLoopback({ maxStaleSeconds: 7 * 86_400 });
    await keys.warm();
    await fault(issuer);
    // By now the configuration, too, is due to be read again.
    await clock.advance(DAY + 1);
    const asked = ask('old');
    await issuer.arrived(3);
    if (why.source.includes('in time')) {
      // Given up after two seconds in all, and not before.
      await clock.advance(1999);
      expect(await isUnsettled(asked)).toBe(true);
      await clock.advance(1);
    }
    expect(await asked).toBe('found');
    expect(await ask('evil', AbortSignal.abort())).toBe(OUTAGE);
    expect(noted).toMatchObject([
      { event: 'keys-refresh-failed', fields: { why: expect.stringMatching(why), failures: 1 } },
    ]);
  },
);

test('a document of exactly 256 KiB is taken', async () => {
  const { issuer, ask } = await keySetOnLoopback();
  const { jwk } = await signingKey('old');
  issuer.at('/keys', answering(JSON.stringify({ keys: [jwk] }).padEnd(256 * 1024)));
  expect(await ask('old')).toBe('found');
});
