import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { reportText } from '../../../tools/conformance/report.ts';
import { testedSenders } from '../../../tools/conformance/run.ts';
import { answering, receiver } from './receivers.ts';

const linesOf = async (answer: Parameters<typeof receiver>[0], sender: string) => {
  const { run } = await receiver(answer);
  return stripVTControlCharacters(reportText(await run({ sender }))).split('\n');
};
const isSurprise = (line: string) => line.startsWith('✗');
/** Whether a request has a token without a signature. */
const isUnsigned = (authorization = '') => authorization.endsWith('.');

test.each([
  ['404', answering.always(404), 'Every genuine request was answered 404: check --url and the path.'],
  [
    '401',
    answering.always(401),
    'Every genuine request was answered 401: check that it runs with the settings above, and restart it.',
  ],
  ['500', answering.always(500), 'Every genuine request was answered 500: look into its log.'],
  ['302', answering.always(302), 'Every genuine request was answered 302: it redirects, check --url.'],
  [
    '200',
    answering.always(200),
    'It accepts every forgery, even without a token or signature: it verifies nothing.',
  ],
  [
    '200, but for a token without a signature',
    ({ headers }, response) => response.writeHead(isUnsigned(headers.authorization) ? 401 : 200).end(),
    'It accepts requests without a token: anybody gets in.',
  ],
  [
    'nothing',
    (_request, response) => response.destroy(),
    'It answered nothing at all: look into its log, and check --url.',
  ],
] satisfies readonly (readonly [string, Parameters<typeof receiver>[0], string])[])(
  'the report begins with what explains it: the answer is %s',
  async (_what, answer, headline) => {
    const [first] = await linesOf(answer, 'vonage');
    expect(first).toBe(headline);
  },
);

test('cases of a family that are answered alike are one line, with their names and what is wrong', async () => {
  const lines = await linesOf(answering.always(200), 'vonage');
  expect(lines.filter((line) => line.includes('The age of a Vonage token /'))).toEqual([
    expect.stringMatching(
      /\/ vonage-iat-in-digits-a-year-ago, .*, vonage-iat-just-too-old \(200\): a forgery got in \(iat is longer ago than the sender retries\)/,
    ),
    expect.stringMatching(
      /\/ vonage-iat-missing, vonage-iat-null, .* \(200\): nobody got in.*\(the token has no iat; /,
    ),
  ]);
});

test('cases that were not tested do not keep a family from being one line', async () => {
  const lines = await linesOf(answering.always(200), 'vonage-voice');
  // Two of its eleven are about the application, which is not tested.
  expect(lines.find((line) => line.includes('The project of a'))).toMatch(/ · +· .* 2$/);
  expect(lines.filter((line) => line.includes('The project of a Vonage Voice token /'))).toEqual([
    expect.stringContaining('/ all 9 (200): '),
  ]);
});

test('the most severe lines come first, and what only the sender can make comes last', async () => {
  const surprises = (await linesOf(answering.always(200), 'call-automation')).filter(isSurprise);
  const first = surprises.findIndex((line) => line.includes('nobody got in'));
  expect(first).toBeGreaterThan(0);
  expect(
    surprises.slice(0, first).every((line) => line.includes('got in') || line.includes('accepted')),
  ).toBe(true);
  expect(surprises.slice(first).every((line) => line.includes('nobody got in'))).toBe(true);
});

test('a form that no RFC demands is named as such', async () => {
  const lines = await linesOf(answering.always(401), 'vonage');
  expect(lines.filter((line) => line.includes('beyond the RFCs /'))).toEqual([
    '✗ Genuine: forms of the token beyond the RFCs / all 4 (401): an odd form that no RFC demands (iat is text; jti is null; jti is empty; typ is null): accept it if you can.',
  ]);
});

test.each(testedSenders.filter(({ name }) => name !== 'media'))(
  '$name: no reason names a setting of Ringward',
  async ({ name, features = {} }) => {
    const { run } = await receiver(answering.always(401));
    const { families } = await run({ sender: name, has: Object.keys(features) });
    const reasons = families.flatMap(({ cases }) => cases.map(({ because = '' }) => because));
    expect(reasons.filter((because) => /\b[A-Z]+_[A-Z_]+\b/.test(because))).toEqual([]);
    expect(new Set(reasons).size).toBeGreaterThan(4);
  },
);
