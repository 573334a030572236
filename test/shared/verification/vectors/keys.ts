import { generateKeyPairSync, sign } from 'node:crypto';
import { KID, OTHER_KID } from '../differential/draft.ts';
import { header } from './vector.ts';
import type { Vector } from './vector.ts';

const NO_KEYS = 'a key that comes along with a token proves only that its maker has it';

export const keyConfusion: readonly Vector[] = [
  [
    'the id of another key of the issuer',
    'token-signature',
    'the id names the one key that may have signed',
    header({ kid: OTHER_KID }),
  ],
  [
    'no id of a key',
    'token-key-id',
    'our issuers name their keys; trying all would let each sign for each',
    header({ kid: undefined }),
  ],
  ['an id that is a number', 'token-key-id', 'an id is text', header({ kid: 1 })],
  [
    'an id that is a path',
    'token-key-unknown',
    'an id is looked up and never opened',
    header({ kid: '../../../../dev/null' }),
  ],
  [
    'an id that is a query',
    'token-key-unknown',
    'an id is looked up and never run',
    header({ kid: "' UNION SELECT 'x" }),
  ],
  [
    'an id that every object has',
    'token-key-unknown',
    'an id is looked up among the issuer’s alone',
    header({ kid: '__proto__' }),
  ],
  ['an id with case of its own', 'token-key-unknown', 'ids have case', header({ kid: KID.toUpperCase() })],
  [
    'another key',
    'token-signature',
    'nobody else signs for the issuer',
    (draft) => {
      draft.sign = (input) =>
        sign('sha256', input, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
    },
  ],
  ['the key itself', 'token-header-refused', NO_KEYS, (draft, key) => void (draft.header['jwk'] = key.jwk)],
  [
    'where its key is to be fetched',
    'token-header-refused',
    NO_KEYS,
    header({ jku: 'https://forger.example/keys' }),
  ],
  ['a certificate', 'token-header-refused', NO_KEYS, header({ x5c: ['MIIB'] })],
  [
    'where its certificate is to be fetched',
    'token-header-refused',
    NO_KEYS,
    header({ x5u: 'https://forger.example/pem' }),
  ],
  [
    'a thumbprint',
    'accepted',
    'it points at nothing outside of the issuer’s set, and Entra sends one',
    header({ x5t: 'AAAA' }),
  ],
];
