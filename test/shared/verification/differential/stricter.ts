import type { RejectionReason } from '../../../../shared/reasons.ts';

/** For which of our reasons a token is refused that jose with the same options accepts, and why we mean it. */
export const STRICTER: Partial<Record<RejectionReason, string>> = {
  'token-malformed':
    'jose decodes padding, white space and unused bits: one token then has many spellings, and a check for reuse that goes by the text is none',
  'token-not-json':
    'jose replaces what is not UTF-8 and drops a byte order mark, so that two texts of different bytes read alike',
  'token-duplicate-member':
    'JSON.parse takes the last of two members of one name, and another reader of the same token may take the first',
  'token-header-refused':
    'jose passes over zip, jwk, jku, x5u and x5c, and over b64 where crit does not name it; none of our senders uses them, and each changes what the token says or whose it is for a reader that heeds it',
  'token-audience': 'jose takes a list in which one member is the audience and others are no text at all',
  'token-never-valid': 'jose compares exp and nbf with the time, tolerance included, and not with each other',
  'token-claim-invalid':
    'jose looks at jti only where it is asked to, and takes a number that JSON spells past the largest one, which is infinity',
  'token-life-too-long':
    'jose bounds the age of a token and not its life; a token of a day is no callback token',
  'token-issued-in-future':
    'jose looks at when a token was issued only where an age is asked for; one from the future is of a clock that cannot be trusted',
};
