import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';
import { newSigningKey } from '../fakes/token.ts';
import type { SigningKey } from '../fakes/token.ts';

// Key sets as RFC 7517 allows them and issuers publish them. All forms stand in one set, each key under its own id, so that a
// receiver which keeps keys fetches them once.

type Jwk = Readonly<Record<string, unknown>>;

/** A key that a receiver must find in the set, however the set lists it. */
export type KeyForm = {
  readonly name: string;
  /** What is odd about it, where no RFC demands that it is accepted. */
  readonly odd?: string | undefined;
  readonly key: SigningKey;
};

export type KeyForms = {
  /** What RFC 7517 allows. */
  readonly allowed: readonly KeyForm[];
  /** What some classes write besides. */
  readonly lenient: readonly KeyForm[];
  /** The set, without the keys that the issuer signs with otherwise. */
  readonly set: readonly Jwk[];
};

type Listing = readonly [name: string, kid: string, list: (jwk: Jwk) => readonly Jwk[], odd?: string];

const without = (jwk: Jwk, ...names: readonly string[]): Jwk =>
  Object.fromEntries(Object.entries(jwk).filter(([name]) => !names.includes(name)));

/** Made when first needed: large keys take a second. */
let made: ReturnType<typeof newKeys> | undefined;
const newKeys = () =>
  Promise.all([
    newSigningKey('common'),
    newSigningKey('other'),
    newSigningKey('key-of-3072-bits', 3072),
    newSigningKey('key-of-4096-bits', 4096),
  ]);

/** @param listed how the issuer lists a key */
export async function newKeyForms(listed: (key: SigningKey) => Jwk): Promise<KeyForms> {
  const [common, other, strong, stronger] = await (made ??= newKeys());
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }) as Jwk;
  const okp = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) as Jwk;
  const named = (kid: string): SigningKey => ({ ...common, kid, jwk: { ...common.jwk, kid } });
  const otherNamed = (kid: string) => listed({ ...other, kid, jwk: { ...other.jwk, kid } });

  const allowed: readonly Listing[] = [
    ['key-without-use', 'no-use', (jwk) => [without(jwk, 'use')]],
    ['key-without-alg', 'no-alg', (jwk) => [without(jwk, 'alg')]],
    ['key-without-use-and-alg', 'no-use-no-alg', (jwk) => [without(jwk, 'use', 'alg')]],
    ['key-with-key-ops', 'key-ops', (jwk) => [{ ...without(jwk, 'use'), key_ops: ['verify'] }]],
    ['key-with-use-and-key-ops', 'use-and-key-ops', (jwk) => [{ ...jwk, key_ops: ['verify'] }]],
    ['key-with-x5c-and-x5t', 'certificate', (jwk) => [{ ...jwk, ...certificateOf(common) }]],
    [
      'key-with-unknown-members',
      'unknown-members',
      (jwk) => [{ ...jwk, ext: false, nbf: 1, more: { a: [null] } }],
    ],
    [
      'key-with-members-in-another-order',
      'order',
      (jwk) => [Object.fromEntries(Object.entries(jwk).toReversed())],
    ],
    ['key-id-with-odd-characters', 'a/b+c=d e?&é☎', (jwk) => [jwk]],
    ['key-id-of-digits', '20261129', (jwk) => [jwk]],
    ['key-id-of-200-characters', 'k'.repeat(200), (jwk) => [jwk]],
    [
      'key-id-shared-with-an-ec-key',
      'shared-with-ec',
      (jwk) => [{ ...ec, kid: 'shared-with-ec', alg: 'ES256', use: 'sig' }, jwk],
    ],
    [
      'key-behind-one-of-an-unknown-type',
      'behind-unknown',
      (jwk) => [{ kty: 'XYZ', kid: 'xyz', x: 'AAAA' }, jwk],
    ],
    [
      'key-behind-one-of-another-curve',
      'behind-okp',
      (jwk) => [{ ...okp, kid: 'okp', alg: 'EdDSA', use: 'sig' }, jwk],
    ],
    [
      'key-behind-one-for-encryption',
      'behind-encryption',
      (jwk) => [{ ...otherNamed('enc'), use: 'enc', alg: 'RSA-OAEP' }, jwk],
    ],
    ['key-behind-one-without-an-id', 'behind-nameless', (jwk) => [without(otherNamed('-'), 'kid'), jwk]],
    ['key-behind-one-without-a-modulus', 'behind-broken', (jwk) => [without(otherNamed('broken'), 'n'), jwk]],
  ];
  const lenient: readonly Listing[] = [
    [
      'key-with-null-for-use-alg-and-key-ops',
      'nulls',
      (jwk) => [{ ...jwk, use: null, alg: null, key_ops: null }],
      'use, alg and key_ops are null',
    ],
    ['key-with-empty-use-and-alg', 'empty', (jwk) => [{ ...jwk, use: '', alg: '' }], 'use and alg are empty'],
    ['key-with-no-key-ops', 'empty-key-ops', (jwk) => [{ ...jwk, key_ops: [] }], 'key_ops is an empty list'],
    [
      'key-with-oth-and-x5c-empty',
      'dotnet',
      (jwk) => [{ ...jwk, oth: [], x5c: [] }],
      'oth and x5c are empty lists',
    ],
    [
      'key-id-shared-with-another-key-in-front',
      'shared-front',
      (jwk) => [otherNamed('shared-front'), jwk],
      'another key in front has the same kid',
    ],
    [
      'key-id-shared-with-another-key-behind',
      'shared-behind',
      (jwk) => [jwk, otherNamed('shared-behind')],
      'another key behind has the same kid',
    ],
  ];

  const formsOf = (listings: readonly Listing[]) =>
    listings.map(([name, kid, , odd]) => ({ name, odd, key: named(kid) }));
  const sized = [strong, stronger].map((key) => ({ name: key.kid, key }));
  return {
    allowed: [...sized, ...formsOf(allowed)],
    lenient: formsOf(lenient),
    set: [
      ...sized.map(({ key }) => listed(key)),
      ...[...allowed, ...lenient].flatMap(([, kid, list]) => list(listed(named(kid)))),
    ],
  };
}

/** A certificate that the key signed itself, as Entra lists one beside `n` and `e`. */
function certificateOf({ privateKey }: SigningKey) {
  const key = forge.pki.privateKeyFromPem(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
  certificate.serialNumber = '01';
  certificate.validity.notAfter = new Date(Date.now() + 24 * 3600 * 1000);
  const name = [{ name: 'commonName', value: 'Ringward conformance' }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.sign(key, forge.md.sha256.create());
  const der = forge.asn1.toDer(forge.pki.certificateToAsn1(certificate)).getBytes();
  const digest = forge.md.sha1.create().update(der).digest().getBytes();
  return {
    x5c: [forge.util.encode64(der)],
    x5t: Buffer.from(digest, 'binary').toString('base64url'),
  };
}
