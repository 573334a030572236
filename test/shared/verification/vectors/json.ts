import { AUDIENCE, ISSUER, NOW } from '../differential/draft.ts';
import { claims, written } from './vector.ts';
import type { Vector } from './vector.ts';

const JSON_ONLY = 'what one reader takes for JSON and another does not says two things';

export const oddJson: readonly Vector[] = [
  [
    'white space around the claims',
    'accepted',
    'it is JSON, and the signature holds each byte',
    written('claims', (json) => ` \t\r\n${json}\n`),
  ],
  [
    'a byte order mark before the claims',
    'token-not-json',
    JSON_ONLY,
    written('claims', (json) => `\ufeff${json}`),
  ],
  [
    'a byte order mark before the header',
    'token-not-json',
    JSON_ONLY,
    written('header', (json) => `\ufeff${json}`),
  ],
  [
    'UTF-16',
    'token-not-json',
    'JSON is UTF-8 (RFC 8259, section 8.1)',
    written('claims', (json) => Buffer.from(json, 'utf16le')),
  ],
  [
    'a byte that is no UTF-8',
    'token-not-json',
    'JSON is UTF-8 (RFC 8259, section 8.1)',
    written('claims', (json) =>
      Buffer.concat([Buffer.from(`${json.slice(0, -1)},"x":"`), Buffer.of(0xff), Buffer.from('"}')]),
    ),
  ],
  [
    'an overlong slash',
    'token-not-json',
    'each character has one form in UTF-8',
    written('claims', (json) =>
      Buffer.concat([Buffer.from(`${json.slice(0, -1)},"x":"`), Buffer.of(0xc0, 0xaf), Buffer.from('"}')]),
    ),
  ],
  [
    'half a surrogate pair, escaped',
    'accepted',
    'JSON can spell it, and nothing of ours reads that member',
    written('claims', (json) => `${json.slice(0, -1)},"x":"\\ud800"}`),
  ],
  [
    'the audience twice, ours first',
    'token-duplicate-member',
    'readers differ in which of them counts',
    written('claims', (json) => `${json.slice(0, -1)},"aud":"somebody-else"}`),
  ],
  [
    'the audience twice, ours last',
    'token-duplicate-member',
    'readers differ in which of them counts',
    written('claims', (json) => json.replace('{', '{"aud":"somebody-else",')),
  ],
  [
    'the algorithm twice',
    'token-duplicate-member',
    'readers differ in which of them counts',
    written('header', (json) => json.replace('{', '{"alg":"none",')),
  ],
  [
    'a name twice, once escaped',
    'token-duplicate-member',
    'an escape is the same name',
    written('claims', (json) => json.replace('{', '{"\\u0061ud":"somebody-else",')),
  ],
  [
    'a name twice, further down',
    'token-duplicate-member',
    'at any depth',
    written('claims', (json) => `${json.slice(0, -1)},"x":[{"y":1,"y":2}]}`),
  ],
  [
    'a name written with an escape, once',
    'accepted',
    'it is the same name',
    written('claims', (json) => json.replace('"aud"', '"\\u0061ud"')),
  ],
  [
    'the claims of a prototype',
    'token-audience',
    'only what stands in the claims counts',
    written('claims', () => `{"__proto__":{"aud":"${AUDIENCE}"},"iss":"${ISSUER}","exp":${NOW + 300}}`),
  ],
  [
    'an expiry past every number',
    'token-claim-invalid',
    'JSON can spell infinity',
    written('claims', (json) => json.replace(/"exp":\d+/, '"exp":1e999')),
  ],
  [
    'an expiry that is text',
    'token-claim-invalid',
    'a NumericDate is a number (RFC 7519, section 2)',
    claims({ exp: String(NOW + 300) }),
  ],
  ['an expiry with a fraction', 'accepted', 'a NumericDate may have one', claims({ exp: NOW + 299.5 })],
  [
    'an expiry with an exponent',
    'accepted',
    'it is the same number',
    written('claims', (json) => json.replace(/"exp":\d+/, '"exp":18000003e2')),
  ],
  ['null for an expiry', 'token-claim-invalid', 'null is no number', claims({ exp: null })],
  ['a comment', 'token-not-json', JSON_ONLY, written('claims', (json) => `/**/${json}`)],
  [
    'a comma behind the last',
    'token-not-json',
    JSON_ONLY,
    written('claims', (json) => json.replace(/}$/, ',}')),
  ],
  ['single quotes', 'token-not-json', JSON_ONLY, written('claims', (json) => json.replaceAll('"', "'"))],
  ['two objects', 'token-not-json', JSON_ONLY, written('claims', (json) => json + json)],
  ['a list of claims', 'token-not-json', 'claims are an object', written('claims', (json) => `[${json}]`)],
  [
    'a list for a header',
    'token-not-json',
    'a header is an object',
    written('header', (json) => `[${json}]`),
  ],
  ['nothing for claims', 'token-malformed', 'no segment is empty', written('claims', () => '')],
  [
    'two thousand lists within one another',
    'accepted',
    'it costs what its length does, which is bounded',
    written('claims', (json) => `${json.slice(0, -1)},"x":${'['.repeat(2000)}${']'.repeat(2000)}}`),
  ],
];
