import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callAutomation } from '../../../shared/providers/call-automation.ts';
import { judge } from '../../../shared/verification/check.ts';
import { clientAddress, isRange, sourceAddressCheck } from '../../../shared/verification/source-address.ts';
import { received, verdictOf } from '../../support/verdict.ts';
import { anyText } from '../../support/text.ts';

const INSIDE = '52.112.0.1';
const OUTSIDE = '203.0.113.9';
const ranges = callAutomation.publishedRanges ?? [];

const check = (
  mode: 'off' | 'report' | 'enforce' = 'enforce',
  trustedHops = 1,
  of: readonly string[] = ranges,
) =>
  sourceAddressCheck(
    { SOURCE_ADDRESSES: mode, SOURCE_ADDRESS_RANGES: [], TRUSTED_PROXY_HOPS: trustedHops },
    of,
  );
const from = (forwardedFor?: string) =>
  received({ headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor } });
const verdict = (forwardedFor: string | undefined, ...how: Parameters<typeof check>) =>
  verdictOf(check(...how), from(forwardedFor));

test.each([
  ['as App Service writes it', `${INSIDE}:50432`],
  ['alone', INSIDE],
  ['in brackets', `[2603:1063::1]`],
  ['in brackets with a port', `[2603:1063::1]:443`],
  ['bare, of version 6', '2603:1063::1'],
  ['of version 6 in capitals and in full', '2603:1063:0:0:0:0:0:ABCD'],
  ['of version 4 mapped to 6', `::ffff:${INSIDE}`],
  ['of version 4 mapped to 6, with a port', `[::FFFF:${INSIDE}]:443`],
  ['of version 4 mapped to 6 in hexadecimal', '::ffff:3470:1'],
  ['behind white space', `${OUTSIDE},   ${INSIDE}:1  `],
  ['behind what the caller himself wrote', `${OUTSIDE}, garbage, ${INSIDE}:1`],
])('an address in the ranges is accepted %s', async (_how, forwardedFor) => {
  expect(await verdict(forwardedFor)).toBe('accepted');
});

test.each<[string, string | undefined, string]>([
  ['another address', OUTSIDE, 'source-address-foreign'],
  ['another address with a port', `${OUTSIDE}:443`, 'source-address-foreign'],
  ['another address of version 6', '[2001:db8::1]:443', 'source-address-foreign'],
  ['another address mapped to version 6', `::ffff:${OUTSIDE}`, 'source-address-foreign'],
  ['an address inside, written by the caller', `${INSIDE}, ${OUTSIDE}:50432`, 'source-address-foreign'],
  [
    'many addresses inside, written by the caller',
    `${`${INSIDE}, `.repeat(9)}${OUTSIDE}`,
    'source-address-foreign',
  ],
  ['an address before the range', '52.111.255.255', 'source-address-foreign'],
  ['an address behind the range', '52.116.0.0', 'source-address-foreign'],
  ['an address embedded in version 6 but not mapped', `::${INSIDE}`, 'source-address-foreign'],
  ['no header', undefined, 'source-address-unknown'],
  ['an empty header', '', 'source-address-unknown'],
  ['an empty last entry', `${INSIDE},`, 'source-address-unknown'],
  ['a name', 'media.teams.microsoft.com', 'source-address-unknown'],
  ['the word for unknown', 'unknown', 'source-address-unknown'],
  ['an address with a prefix', '52.112.0.1/32', 'source-address-unknown'],
  ['an address with a number too large', '52.112.0.256', 'source-address-unknown'],
  ['an address with leading zeros', '052.112.0.1', 'source-address-unknown'],
  ['an address of three numbers', '52.112.1', 'source-address-unknown'],
  ['an address as one number', '879755265', 'source-address-unknown'],
  ['an address with a port that is none', `${INSIDE}:http`, 'source-address-unknown'],
  ['an address in quotes', `"${INSIDE}"`, 'source-address-unknown'],
  ['two addresses without a comma', `${INSIDE} ${INSIDE}`, 'source-address-unknown'],
  ['brackets that do not close', '[2603:1063::1', 'source-address-unknown'],
  ['brackets around nothing', '[]:443', 'source-address-unknown'],
])('%s is refused where addresses are enforced', async (_what, forwardedFor, reason) => {
  expect(await verdict(forwardedFor)).toBe(reason);
});

test.each([
  [OUTSIDE, ['source-address-foreign']],
  [undefined, ['source-address-unknown']],
  [INSIDE, undefined],
])('%s is let in and reported where addresses are only reported', async (forwardedFor, reported) => {
  const found = await judge(check('report'), from(forwardedFor), new AbortController().signal);
  expect(found).toEqual({ outcome: 'accepted', proof: reported ? { reported } : {} });
});

test.each([OUTSIDE, undefined, 'garbage'])(
  '%s is not looked at where addresses are off',
  async (forwardedFor) => {
    const found = await judge(check('off'), from(forwardedFor), new AbortController().signal);
    expect(found).toEqual({ outcome: 'accepted', proof: {} });
  },
);

test('no other header tells where a request comes from', async () => {
  const headers = {
    'x-azure-clientip': INSIDE,
    'x-azure-socketip': INSIDE,
    'x-real-ip': INSIDE,
    forwarded: `for=${INSIDE}`,
    'client-ip': INSIDE,
  };
  expect(await verdictOf(check(), received({ headers: { ...headers, 'x-forwarded-for': OUTSIDE } }))).toBe(
    'source-address-foreign',
  );
  expect(await verdictOf(check(), received({ headers }))).toBe('source-address-unknown');
});

test('behind proxies of our own the entry counts that the outermost of them wrote', async () => {
  const forwardedFor = `${OUTSIDE}, ${INSIDE}, 10.0.0.1, 10.0.0.2`;
  expect(await verdict(forwardedFor, 'enforce', 3)).toBe('accepted');
  expect(await verdict(forwardedFor, 'enforce', 2)).toBe('source-address-foreign');
  expect(await verdict(forwardedFor, 'enforce', 4)).toBe('source-address-foreign');
});

test('with fewer entries than proxies nobody is believed', async () => {
  expect(await verdict(INSIDE, 'enforce', 2)).toBe('source-address-unknown');
});

test.each([
  ['52.112.0.0', '52.115.255.255'],
  ['52.122.0.0', '52.123.255.255'],
  ['2603:1027::', '2603:1027:0:ffff:ffff:ffff:ffff:ffff'],
  ['2603:1063::', '2603:1063:3ff:ffff:ffff:ffff:ffff:ffff'],
  ['2620:1ec:40::', '2620:1ec:7f:ffff:ffff:ffff:ffff:ffff'],
])('the published ranges hold %s to %s', async (first, last) => {
  expect(await verdict(first)).toBe('accepted');
  expect(await verdict(last)).toBe('accepted');
});

test('ranges that were added count as well', async () => {
  const added = [...ranges, '203.0.113.0/24', '2001:db8::/32', '198.51.100.7/32'];
  for (const address of [OUTSIDE, '2001:db8::1', '198.51.100.7', INSIDE])
    expect(await verdict(address, 'enforce', 1, added)).toBe('accepted');
  expect(await verdict('198.51.100.8', 'enforce', 1, added)).toBe('source-address-foreign');
});

const port = fc.oneof(
  fc.constant(''),
  fc.integer({ min: 1, max: 65535 }).map((number) => `:${number}`),
);
const client = fc.oneof(
  fc.tuple(fc.ipV4(), port).map(([address, port]) => ({ address, entry: `${address}${port}` })),
  fc.tuple(fc.ipV4(), port).map(([address, port]) => ({ address, entry: `[::ffff:${address}]${port}` })),
  fc.ipV4().map((address) => ({ address, entry: `::ffff:${address}` })),
  fc.tuple(fc.ipV6(), port).map(([address, port]) => ({ address, entry: `[${address}]${port}` })),
  fc.ipV6().map((address) => ({ address, entry: address })),
);
/** A mapped address is told by its version 4. */
const unmapped = (address: string) => /^::ffff:([\d.]+)$/i.exec(address)?.[1] ?? address;

test('whatever the caller wrote on the left, the address found is the one that our proxy wrote', () => {
  const left = fc.array(fc.oneof(fc.string(), fc.ipV4(), fc.constant(INSIDE)), { maxLength: 4 });
  const proxies = fc.array(fc.ipV4(), { maxLength: 3 });
  const space = fc.constantFrom('', ' ', '  ');
  fc.assert(
    fc.property(left, client, proxies, space, (left, { address, entry }, proxies, space) => {
      const forwardedFor = [...left, space + entry + space, ...proxies].join(',');
      expect(clientAddress(forwardedFor, proxies.length + 1)).toBe(unmapped(address));
    }),
    { numRuns: 1000 },
  );
});

test('whatever the header, the check gives one of three answers', async () => {
  const text = fc.oneof(
    anyText(),
    fc.stringMatching(/^[[\]:.,%0-9a-f ]*$/),
    fc.constantFrom('fe80::1%eth0', '::1%1', '[::1%]'),
  );
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 10 }), async (forwardedFor, hops) => {
      const request = { ...received(), headers: { get: () => forwardedFor } };
      expect(['accepted', 'source-address-foreign', 'source-address-unknown']).toContain(
        await verdictOf(check('enforce', hops), request),
      );
    }),
    { numRuns: 1000 },
  );
});

test.each(['10.0.0.0/8', '0.0.0.0/0', '203.0.113.9/32', '::/0', '2001:db8::/32', '::1/128'])(
  '%s is a range',
  (text) => {
    expect(isRange(text)).toBe(true);
  },
);

test.each([
  '',
  '/',
  '10.0.0.0',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/8.0',
  '10.0.0/8',
  '::/129',
  '::1',
  '10.0.0.0/8/8',
  'any/8',
  '10.0.0.0/ 8',
  '10.0.0.0/1e1',
])('%j is no range', (text) => {
  expect(isRange(text)).toBe(false);
});

test('what is a range can be built into a check', () => {
  const text = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), fc.integer({ min: -2, max: 140 }))
      .map(([network, prefix]) => `${network}/${prefix}`),
  );
  fc.assert(
    fc.property(text, (text) => {
      if (isRange(text)) expect(check('enforce', 1, [text]).name).toBe('source-address');
    }),
    { numRuns: 1000 },
  );
});
