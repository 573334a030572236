import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manualClock } from '../../clock.ts';
import { checking, pipelineOf, posted, REFERENCE } from '../../support/pipeline.ts';
import { adviceOn } from '../../../tools/doctor/observe/advice.ts';
import { deliveryEntriesIn } from '../../../tools/doctor/observe/entries.ts';
import { observed } from '../../../tools/doctor/observe/tally.ts';
import { doctorCommand, examined } from './doctor.setup.ts';

const names = ['aud', 'exp', 'iat', 'iss', 'nbf'];
type Change = Readonly<Record<string, unknown>>;

/** A delivery line as the app writes it, with something changed. */
async function lineOf(change: Change = {}): Promise<string> {
  const proof = {
    reference: REFERENCE,
    token: { id: 'abcdefghijkl', unique: false, expires: 1 },
    claims: { names, lifeSeconds: 300, ageSeconds: 1, expiresInSeconds: 299 },
  };
  const checks = [checking('call-automation-token', async () => proof)];
  const { entry } = await pipelineOf({ clock: manualClock(), checks }).deliver(posted());
  return JSON.stringify({ ...entry, ...change });
}

const logOf = (...lines: readonly string[]) => observed(Readable.from([lines.join('\n')]));
const adviceFor = async (change: Change, environment: Record<string, string> = {}) =>
  adviceOn(await logOf(await lineOf(change)), environment);

const inCsv = (line: string) => `"2026-11-23T22:10:00Z","${line.replaceAll('"', '""')}","1"`;

test.each<[string, (line: string) => string]>([
  ['as the app wrote it', (line) => line],
  ['after a time and a level', (line) => `2026-11-23T22:10:00.123 [Information] ${line}`],
  ['with something behind it', (line) => `[22:10] ${line} {"more":1}`],
  ['as the message of an exported record', (line) => JSON.stringify({ time: 'x', message: line, level: 1 })],
  ['as the message in pretty-printed JSON', (line) => `      "message": ${JSON.stringify(line)},`],
  ['in a cell of CSV', inCsv],
])('a delivery line is found %s', async (_, wrap) => {
  const line = await lineOf();
  expect(deliveryEntriesIn(wrap(line))).toEqual([JSON.parse(line)]);
});

test('every row of a query that was answered in one line is found', async () => {
  const rows = [await lineOf({ status: 200 }), await lineOf({ status: 401 })].map((line) => ['time', line]);
  const found = deliveryEntriesIn(JSON.stringify({ tables: [{ columns: [], rows }] }));
  expect(found.map(({ status }) => status)).toEqual([200, 401]);
});

test('a line without a delivery, or with a broken one, is passed over', async () => {
  const half = (await lineOf()).slice(0, 60);
  const fine = '{"ringward":"ledger-back","seconds":3}';
  expect(await logOf('', fine, half, inCsv(half), '{"delivery":}', `"${half}`)).toMatchObject({
    deliveries: 0,
  });
});

test('no log makes it throw, or print what is not of the form of a claim', async () => {
  const line = await lineOf();
  const hostile = fc.oneof(
    fc.string(),
    fc.json().map((value) => line.replace('"tokenClaims":', `"tokenClaims":${value},"was":`)),
    fc.string({ unit: 'grapheme' }).map((name) => line.replace('"aud"', JSON.stringify(`\u001B${name}`))),
    fc.nat(line.length).map((end) => line.slice(0, end)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { maxLength: 5 }), async (lines) => {
      // oxlint-disable-next-line no-control-regex
      expect(adviceOn(await logOf(...lines), {})).not.toMatch(/\u001B/);
    }),
  );
});

test('it tells how often genuine tokens carried a claim, and their times', async () => {
  const tally = await logOf(
    await lineOf(),
    await lineOf({ tokenClaims: ['exp', 'jti'], tokenLifeSeconds: 290, tokenAgeSeconds: -3 }),
    await lineOf({ verdict: 'rejected', reason: 'token-signature', tokenClaims: ['forged'] }),
  );
  const told = adviceOn(tally, {});
  expect(told).toMatch(/^3 deliveries, 2 accepted\.$/m);
  expect(told).toMatch(/^Genuine tokens of call-automation: 2$/m);
  expect(told).toMatch(/^ {2}exp +always$/m);
  expect(told).toMatch(/^ {2}jti +1 of 2$/m);
  expect(told).toMatch(/^ {2}from iat or nbf to exp +290 to 300 s$/m);
  expect(told).toMatch(/^ {2}from iat to arrival +-3 to 1 s$/m);
  expect(told).not.toContain('forged');
});

test.each<[string, Change, Record<string, string>, RegExp]>([
  ['nothing was reused', {}, {}, /TOKEN_REUSE=enforce: of 1 genuine/],
  ['a token was', { reported: ['token-reused'] }, {}, /TOKEN_REUSE: leave it at report; .* refused 1 /],
  ['all have a jti', { tokenClaims: ['jti'] }, {}, /TOKEN_REUSE: every token has a jti/],
  ['it is enforced', {}, { TOKEN_REUSE: 'enforce' }, /TOKEN_REUSE: enforced already/],
  ['every call kept to its URI', {}, {}, /CALL_BINDING=enforce/],
  [
    'a call did not',
    { reported: ['reference-of-another-call'] },
    {},
    /CALL_BINDING: leave it at report; .* refused 1 .*reference-of-another-call/,
  ],
  ['addresses are published ones', {}, {}, /SOURCE_ADDRESSES=enforce/],
  [
    'an address is not',
    { reported: ['source-address-foreign'] },
    {},
    /SOURCE_ADDRESSES: leave it at report; .* SOURCE_ADDRESS_RANGES/,
  ],
  [
    'there is no address',
    { reported: ['source-address-unknown'] },
    {},
    /SOURCE_ADDRESSES: leave .* TRUSTED_PROXY_HOPS may not fit/,
  ],
  ['addresses were not looked at', {}, { SOURCE_ADDRESSES: 'off' }, /SOURCE_ADDRESSES=report: it is off/],
  ['tokens live as documented', {}, {}, /CALLBACK_TOKEN_LIFE_SECONDS: 300 fits/],
  ['they live shorter', { tokenLifeSeconds: 118, tokenExpiresInSeconds: 117 }, {}, /_LIFE_SECONDS=120: /],
  [
    'their start is not known',
    { tokenLifeSeconds: undefined },
    {},
    /300 fits; the longest life seen is 299 s/,
  ],
  ['the clocks agree', {}, {}, /CLOCK_TOLERANCE_SECONDS=10: 0 s were needed; it is 60 now/],
  [
    'they do not for another sender',
    { delivery: 'vonage', tokenAgeSeconds: -40 },
    {},
    /CLOCK_TOLERANCE_SECONDS: leave it at 60; 40 s were needed/,
  ],
  ['they do not', { tokenAgeSeconds: -40 }, {}, /CLOCK_TOLERANCE_SECONDS: leave it at 60; 40 s were needed/],
])('where %s, it says what to set', async (_, change, environment, advice) => {
  expect(await adviceFor(change, environment)).toMatch(advice);
});

test('deliveries that were refused for the life of their token are told of', async () => {
  const refused = await lineOf({ verdict: 'rejected', reason: 'token-life-too-long' });
  expect(adviceOn(await logOf(await lineOf(), refused), {})).toMatch(
    /1 deliveries were refused as token-life-too-long/,
  );
});

test('npm run doctor -- --observe - reads what is piped into it', async () => {
  const { code, output } = await doctorCommand(['--observe', '-'], {}, `${await lineOf()}\n`);
  expect([code, output]).toEqual([0, expect.stringMatching(/Genuine tokens of call-automation: 1/)]);
  expect(await examined(['--observe', '-'], {}, 'nothing\n')).toMatchObject({
    code: 1,
    output: expect.stringMatching(/no delivery line/),
  });
  expect(await examined(['--observe', '/nowhere.log'], {})).toMatchObject({
    code: 64,
    errors: expect.stringMatching(/ENOENT/),
  });
});

test('a sum of refusals counts as many deliveries as it stands for', async () => {
  const sum =
    '{"delivery":"call-automation","verdict":"rejected","reason":"token-missing","status":401,"count":997}';
  const tally = await logOf(sum, await lineOf());
  expect([tally.deliveries, tally.refused.get('token-missing')]).toEqual([998, 997]);
});

test('a log whose entries describe no token: the message names the setting that it needs', async () => {
  expect(await adviceFor({ tokenClaims: undefined })).toContain('DELIVERY_LOG to full');
});
