import { constants, createPublicKey, sign } from 'node:crypto';
import type { SignKeyObjectInput } from 'node:crypto';
import { hs256, rs256, signingInput } from '../../../fakes/token.ts';
import { foreignKey, unsigned } from '../../algorithm-forgeries.ts';
import { withToken } from '../../forgery.ts';
import { forgery, signed, withUnknownId } from './call-forgery.ts';
import type { CallForgery } from './call-forgery.ts';
import type { GenuineCall } from '../requests.ts';

/** The forms of the public key that a verifier that trusts the token's header may use as an HMAC secret. */
function publicKeySpellings({ acs }: GenuineCall): Record<string, string | Uint8Array> {
  const key = createPublicKey(acs.signingKey().privateKey);
  const pem = key.export({ type: 'spki', format: 'pem' });
  return {
    'spki-pem': pem,
    'spki-pem-trimmed': String(pem).trim(),
    'pkcs1-pem': key.export({ type: 'pkcs1', format: 'pem' }),
    'spki-der': key.export({ type: 'spki', format: 'der' }),
    jwk: JSON.stringify(acs.signingKey().jwk),
    modulus: acs.signingKey().jwk.n ?? '',
  };
}

/** Signed with the genuine key under a header that says RS256, but with another scheme. */
function otherwiseSigned(genuine: GenuineCall, hash: string, options: Omit<SignKeyObjectInput, 'key'>) {
  const { acs } = genuine;
  const input = signingInput(acs.header(), acs.claims());
  const signature = sign(hash, Buffer.from(input), { ...options, key: acs.signingKey().privateKey });
  return withToken(genuine, `${input}.${signature.toString('base64url')}`);
}

const ownJwk = () => foreignKey().publicKey.export({ format: 'jwk' });
const ownKeyHeaders: Record<string, () => unknown> = {
  jwk: ownJwk,
  jku: () => 'https://attacker.example/keys',
  x5u: () => 'https://attacker.example/certificate',
  x5c: () => ['MIIB'],
};

const unknownKids = { proto: '__proto__', path: '../../../etc/passwd', random: 'f3b2c1d0-unknown' };

export const tokenHeader: readonly CallForgery[] = [
  ...unsigned('', (genuine: GenuineCall) => ({
    header: genuine.acs.header(),
    claims: genuine.acs.claims(),
    carry: (token) => withToken(genuine, token),
  })),
  ...['none', 'None', 'NONE', 'nOnE', ''].map((alg) =>
    forgery(`alg-${alg || 'empty'}-signed`, 'token-algorithm', (genuine) =>
      signed(genuine, { header: { alg } }),
    ),
  ),
  ...['RS384', 'RS512', 'PS256', 'ES256', 'EdDSA', 'HS256', 'rs256', 'RS256 '].map((alg) =>
    forgery(`alg-${alg.replace(' ', '-space')}`, 'token-algorithm', (genuine) =>
      signed(genuine, { header: { alg } }),
    ),
  ),
  forgery('alg-missing', 'token-algorithm', (genuine) => signed(genuine, { header: { alg: undefined } })),
  forgery('alg-array', 'token-algorithm', (genuine) => signed(genuine, { header: { alg: ['RS256'] } })),
  ...['spki-pem', 'spki-pem-trimmed', 'pkcs1-pem', 'spki-der', 'jwk', 'modulus'].map((spelling) =>
    forgery(`hs256-with-public-key-${spelling}`, 'token-algorithm', (genuine) => {
      const secret = publicKeySpellings(genuine)[spelling] ?? '';
      return withToken(
        genuine,
        hs256({ ...genuine.acs.header(), alg: 'HS256' }, genuine.acs.claims(), secret),
      );
    }),
  ),
  forgery('hmac-under-rs256', 'token-signature', (genuine) =>
    withToken(
      genuine,
      hs256(genuine.acs.header(), genuine.acs.claims(), publicKeySpellings(genuine)['spki-pem'] ?? ''),
    ),
  ),
  forgery('pss-under-rs256', 'token-signature', (genuine) =>
    otherwiseSigned(genuine, 'sha256', { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  ),
  forgery('sha512-under-rs256', 'token-signature', (genuine) => otherwiseSigned(genuine, 'sha512', {})),
  forgery('foreign-key', 'token-signature', (genuine) =>
    withToken(genuine, rs256(genuine.acs.header(), genuine.acs.claims(), foreignKey())),
  ),
  ...Object.entries(ownKeyHeaders).flatMap(([member, value]) => [
    forgery(`${member}-of-the-forger`, 'token-header-refused', (genuine) => {
      const header = { ...genuine.acs.header(), [member]: value() };
      return withToken(genuine, rs256(header, genuine.acs.claims(), foreignKey()));
    }),
    forgery(`${member}-signed-by-the-issuer`, 'token-header-refused', (genuine) =>
      signed(genuine, { header: { [member]: value() } }),
    ),
  ]),
  forgery('crit', 'token-header-refused', (genuine) =>
    signed(genuine, { header: { crit: ['exp'], exp: 1 } }),
  ),
  forgery('b64-false', 'token-header-refused', (genuine) => signed(genuine, { header: { b64: false } })),
  forgery('kid-missing', 'token-key-id', (genuine) => signed(genuine, { header: { kid: undefined } })),
  forgery('kid-number', 'token-key-id', (genuine) => signed(genuine, { header: { kid: 0 } })),
  forgery('kid-array', 'token-key-id', (genuine) =>
    signed(genuine, { header: { kid: [genuine.acs.signingKey().kid] } }),
  ),
  forgery('kid-empty', 'token-key-id', (genuine) => signed(genuine, { header: { kid: '' } })),
  forgery('kid-very-long', 'token-key-id', (genuine) =>
    signed(genuine, { header: { kid: 'k'.repeat(3000) } }),
  ),
  ...Object.entries(unknownKids).map(([what, kid]) =>
    withUnknownId(
      forgery(`kid-unknown-${what}`, 'token-key-unknown', (genuine) => signed(genuine, { header: { kid } })),
      'token-key-unconfirmed',
    ),
  ),
];
