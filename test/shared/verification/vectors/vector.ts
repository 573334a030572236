import type { SigningKey } from '../../../../local/fakes/token.ts';
import type { RejectionReason } from '../../../../shared/reasons.ts';
import type { Draft } from '../differential/draft.ts';

/** How a token differs from the genuine one. */
export type Change = (draft: Draft, key: SigningKey) => void;
/** What is odd about a token, what it should give, and why. */
export type Vector = readonly [
  what: string,
  expected: RejectionReason | 'accepted',
  why: string,
  change: Change,
];

export const header =
  (members: Record<string, unknown>): Change =>
  (draft) =>
    void Object.assign(draft.header, members);
export const claims =
  (members: Record<string, unknown>): Change =>
  (draft) =>
    void Object.assign(draft.claims, members);
export const written =
  (part: 'header' | 'claims', how: (json: string) => string | Uint8Array): Change =>
  (draft) => {
    draft.written[part] = (json) => Buffer.from(how(json) as string);
  };
export const joined =
  (how: (header: string, payload: string, signature: string) => string): Change =>
  (draft) => {
    draft.joined = ([first, second, third]) => how(first, second, third);
  };
export const signed =
  (members: Record<string, unknown>, sign: (input: Buffer, key: SigningKey) => Uint8Array): Change =>
  (draft, key) => {
    Object.assign(draft.header, members);
    draft.sign = (input) => sign(input, key);
  };
