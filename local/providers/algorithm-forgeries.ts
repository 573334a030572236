import { generateKeyPairSync } from 'node:crypto';
import { hs256, rs256, signingInput } from '../fakes/token.ts';
import type { OutgoingRequest } from '../http/request.ts';
import { forgery } from './forgery.ts';
import type { Forgery, Genuine } from './forgery.ts';

/** A genuine token, and the same request with another. */
type GenuineToken = {
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
  readonly carry: (token: string) => OutgoingRequest;
};

let ownKey: ReturnType<typeof newOwnKey> | undefined;
const newOwnKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
/** The forger's own key, made when first needed because that takes a while. */
export const foreignKey = () => (ownKey ??= newOwnKey());

const withEmptySignature = ({ header, claims, carry }: GenuineToken) =>
  carry(`${signingInput(header, claims)}.`);

/**
 * RFC 8725, section 2.1: a verifier that believes the header of a token accepts one without a signature. Anybody can make it.
 * Some verifiers refuse `none` alone, and then compare without regard to case.
 *
 * @param prefix begins the names
 */
export const unsigned = <From extends Genuine>(
  prefix: string,
  tokenOf: (genuine: From) => GenuineToken,
): readonly Forgery<From>[] =>
  ['none', 'None', 'NONE', 'nOnE', ''].map((alg) => ({
    ...forgery<From>(`${prefix}alg-${alg || 'empty'}-unsigned`, 'token-malformed', (genuine) => {
      const { header, ...token } = tokenOf(genuine);
      return withEmptySignature({ header: { ...header, alg }, ...token });
    }),
    because: `alg is "${alg}", and the signature is empty`,
  }));

/** The algorithm of a sender that signs with HS256. `of` begins the names. */
export function algorithmForgeries<From extends Genuine>(
  of: string,
  tokenOf: (genuine: From) => GenuineToken & { readonly secret: string },
): readonly Forgery<From>[] {
  const signed = (name: string, alg: string) =>
    forgery<From>(`${of}-alg-${name}`, 'token-algorithm', (genuine) => {
      const { header, claims, secret, carry } = tokenOf(genuine);
      return carry(hs256({ ...header, alg }, claims, secret));
    });
  return [
    ...unsigned(`${of}-`, tokenOf),
    forgery(`${of}-unsigned`, 'token-malformed', (genuine) => withEmptySignature(tokenOf(genuine))),
    signed('none-signed', 'none'),
    signed('empty-signed', ''),
    ...['HS384', 'HS512', 'hs256'].map((alg) => signed(alg, alg)),
    forgery(`${of}-rs256-with-own-key`, 'token-algorithm', (genuine) => {
      const { header, claims, carry } = tokenOf(genuine);
      return carry(rs256({ ...header, alg: 'RS256' }, claims, foreignKey()));
    }),
  ];
}
