import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hmacSha256 } from '../../../shared/verification/hmac.ts';

const hex = (secret: Uint8Array, text: string) => hmacSha256(secret, text).toString('hex');

// https://www.rfc-editor.org/rfc/rfc4231 sections 4.2, 4.3, 4.7 and 4.8: those whose text is text.
test.each([
  [Buffer.alloc(20, 0x0b), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [
    Buffer.from('Jefe'),
    'what do ya want for nothing?',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    Buffer.alloc(131, 0xaa),
    'Test Using Larger Than Block-Size Key - Hash Key First',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
  [
    Buffer.alloc(131, 0xaa),
    'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
    '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
  ],
])('the test vectors of RFC 4231 hold: %#', (secret, text, expected) => {
  expect(hex(secret, text)).toBe(expected);
});

test('for any secret and any text it is what Node itself makes of them, each time', () => {
  const secrets = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.uint8Array({ minLength: 63, maxLength: 66 }),
  );
  const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(secrets, texts, (secret, several) => {
      for (const text of several)
        expect(hex(secret, text)).toBe(createHmac('sha256', secret).update(text).digest('hex'));
    }),
    { numRuns: 1000 },
  );
});

test('secrets that are alike in their bytes make the same, and others do not', () => {
  expect(hex(Buffer.from('secret'), 'text')).toBe(hex(new Uint8Array(Buffer.from('secret')), 'text'));
  expect(hex(Buffer.from('secret'), 'text')).not.toBe(hex(Buffer.from('secreT'), 'text'));
});
