import { expect, test } from 'vitest';
import { testedSenders } from '../../../tools/conformance/run.ts';
import type { Report, ReportedFamily } from '../../../tools/conformance/report.ts';
import { answering, receiver } from './receivers.ts';

// Against real servers that are wrong in one way each. test/end-to-end/conformance.test.ts runs it against Ringward.

const isGenuine = ({ name }: ReportedFamily) => name.startsWith('Genuine: ');
const verdictsOf = ({ families }: Report, of: (family: ReportedFamily) => boolean) =>
  Object.fromEntries(
    families
      .filter(of)
      .map(({ name, cases }) => [name, [...new Set(cases.map(({ verdict }) => verdict))].sort()]),
  );
const caseOf = ({ families }: Report, name: string) =>
  families.flatMap(({ cases }) => cases).find((one) => one.name === name);

test.each(testedSenders.filter(({ name }) => name !== 'media').map(({ name }) => name))(
  '%s: a receiver that accepts everything passes every genuine family and fails every other',
  async (sender) => {
    const { run } = await receiver(answering.always(200));
    const report = await run({ sender });
    for (const verdicts of Object.values(verdictsOf(report, isGenuine))) expect(verdicts).toEqual(['right']);
    const others = verdictsOf(report, (family) => !isGenuine(family));
    expect(Object.keys(others).length).toBeGreaterThan(3);
    for (const verdicts of Object.values(others)) {
      if (verdicts.join() === 'not-tested') continue;
      expect(verdicts.some((one) => one === 'accepted-wrongly' || one === 'too-lenient')).toBe(true);
      // In an outage a known key is rightly accepted.
    }
    expect(report.counts['refused-wrongly'] + report.counts['wrong-status']).toBe(0);
    expect(report.counts['accepted-wrongly']).toBeGreaterThan(15);
  },
);

test.each([
  ['vonage', 'vonage-iat-null', 'vonage-iat-in-digits-a-year-ago'],
  ['livekit', 'livekit-exp-null', 'livekit-exp-passed'],
])('%s: %s is of the sender alone, and %s can be recorded by somebody', async (sender, unset, past) => {
  const { run } = await receiver(answering.always(200));
  const report = await run({ sender });
  expect(caseOf(report, unset)?.verdict).toBe('too-lenient');
  expect(caseOf(report, past)?.verdict).toBe('accepted-wrongly');
});

test('a receiver that refuses everything fails every genuine family and passes every other', async () => {
  const { run, url } = await receiver(answering.always(401));
  const report = await run();
  // Without a key of the set, its other keys show nothing.
  const isKeys = ({ name }: ReportedFamily) => name.startsWith('Genuine: forms of keys');
  for (const verdicts of Object.values(
    verdictsOf(report, (family) => isGenuine(family) && !isKeys(family)),
  )) {
    expect(verdicts).toEqual(['refused-wrongly']);
  }
  for (const verdicts of Object.values(verdictsOf(report, isKeys))) expect(verdicts).toEqual(['not-tested']);
  for (const verdicts of Object.values(verdictsOf(report, (family) => !isGenuine(family)))) {
    expect(verdicts.filter((verdict) => verdict !== 'not-tested')).toEqual(
      verdicts.includes('right') ? ['right'] : [],
    );
  }
  expect(report).toMatchObject({ format: 1, receiver: url, sender: 'call-automation', features: [] });
  expect(Object.values(report.counts).reduce((sum, one) => sum + one, 0)).toBe(
    report.families.flatMap(({ cases }) => cases).length,
  );
});

test('an answer of 500 refuses nothing rightly and accepts nothing', async () => {
  const { run } = await receiver(answering.always(500));
  const { counts, families } = await run({ sender: 'livekit' });
  expect(counts['wrong-status']).toBe(families.flatMap(({ cases }) => cases).length);
});

test('a receiver that never answers is reported as hanging, after so many rounds as it has cases', async () => {
  const { run } = await receiver(answering.never);
  const { counts, families } = await run({ sender: 'livekit', timeoutMs: 50 });
  expect(counts.hung).toBe(families.flatMap(({ cases }) => cases).length);
});

test('a receiver that breaks connections is reported so', async () => {
  const { run } = await receiver((_request, response) => response.destroy());
  const { counts, families } = await run({ sender: 'livekit' });
  expect(counts['broken-connection']).toBe(families.flatMap(({ cases }) => cases).length);
});

/** The header of the token of a request, unverified; empty where there is none. */
function tokenHeader(authorization = ''): Record<string, unknown> {
  try {
    return (
      JSON.parse(
        Buffer.from(authorization.replace('Bearer ', '').split('.')[0] ?? '', 'base64url').toString(),
      ) ?? {}
    );
  } catch {
    return {};
  }
}

test.each(testedSenders.filter(({ name }) => !['media', 'twilio'].includes(name)).map(({ name }) => name))(
  '%s: a receiver that accepts a token without a signature, as its header says, lets forgers in',
  async (sender) => {
    const { run } = await receiver(({ headers: { authorization = '' } }, response) => {
      const alg = String(tokenHeader(authorization)['alg']).toLowerCase();
      const isBelieved = ['none', ''].includes(alg) && authorization.endsWith('.');
      response.writeHead(isBelieved ? 200 : 401).end();
    });
    const { families } = await run({ sender });
    const accepted = families
      .flatMap(({ cases }) => cases)
      .filter(({ verdict }) => verdict === 'accepted-wrongly');
    expect(accepted.map(({ name }) => name.replace(/^.*alg-/, ''))).toEqual(
      ['none', 'None', 'NONE', 'nOnE', 'empty'].map((alg) => `${alg}-unsigned`),
    );
  },
);

test('a receiver that fetches what a forgery names is reported, although it refuses the forgery', async () => {
  const { run } = await receiver(async ({ headers }, response) => {
    const { jku } = tokenHeader(headers.authorization);
    if (String(jku).startsWith('http://127.0.0.1')) await fetch(String(jku)).then((reply) => reply.text());
    response.writeHead(401).end();
  });
  const report = await run();
  expect(caseOf(report, 'jku-of-the-forger-and-a-known-kid')).toMatchObject({
    status: 401,
    verdict: 'request-sent',
    note: '1 requests arrived there',
  });
  expect(report.counts['request-sent']).toBe(2);
});

/** Accepts every token whose key it knows: it fetches them at first, and when a key is asked for so many times. */
const fetching = (times: number) => {
  let known: ReadonlySet<unknown> | undefined;
  const asked = new Map<unknown, number>();
  return receiver(async ({ headers }, response, { JWKS_URL = '' }) => {
    const { kid } = tokenHeader(headers.authorization);
    asked.set(kid, (asked.get(kid) ?? 0) + 1);
    if (known === undefined || (!known.has(kid) && asked.get(kid) === times)) {
      const { keys } = (await (await fetch(JWKS_URL)).json()) as { keys: { kid: unknown }[] };
      known = new Set(keys.map((key) => key.kid));
    }
    response.writeHead(known.has(kid) ? 200 : 401).end();
  });
};

test('a receiver that learns of a new key at a retry is right, with what it answered before', async () => {
  const { run } = await fetching(2);
  const report = await run({ patienceMs: 60_000 });
  expect(caseOf(report, 'a-new-key')).toMatchObject({
    verdict: 'right',
    note: expect.stringMatching(/^after .* s, at try 2, before that 401$/),
  });
  expect(caseOf(report, 'the-old-key-while-it-is-listed')?.verdict).toBe('right');
  expect(caseOf(report, 'key-of-4096-bits')?.verdict).toBe('right');
});

test('a receiver that never fetches new keys fails the rotation, and its known keys go on', async () => {
  const { run } = await fetching(Infinity);
  const report = await run();
  expect(caseOf(report, 'a-new-key')?.verdict).toBe('refused-wrongly');
  expect(caseOf(report, 'it-is-down: a known key at first')?.verdict).toBe('right');
  // It cannot know whether the key is genuine, and says that it is not.
  expect(caseOf(report, 'it-is-down: an unknown key')).toMatchObject({
    status: 401,
    verdict: 'wrong-status',
  });
  expect(report.unknownKeys).toEqual({ tokens: 20, fetches: 0 });
});

test('what only some receivers check is not tested until the receiver is said to have it', async () => {
  const { run } = await receiver(answering.always(401));
  expect(caseOf(await run(), 'key-missing')).toMatchObject({
    verdict: 'not-tested',
    note: 'only for a receiver that has it: --has callback-key',
  });
  const keyed = await run({ has: ['callback-key'] });
  expect(caseOf(keyed, 'key-missing')?.verdict).toBe('right');
  expect(keyed.features).toEqual(['callback-key']);
});

test('a forgery that is the genuine request at a receiver with one URL is not tested', async () => {
  const { run, url } = await receiver(answering.always(401));
  const one = await run({ sender: 'twilio' });
  expect(caseOf(one, 'twilio-url-of-another-kind')?.verdict).toBe('not-tested');
  const each = await run({ sender: 'twilio', url: `${url}/{kind}` });
  expect(caseOf(each, 'twilio-url-of-another-kind')?.verdict).toBe('right');
});

test.each([
  [{ sender: 'nobody' }, /^There is no sender nobody\. There is .*call-automation/],
  [{ has: ['wings'] }, 'call-automation has no feature wings. There is callback-key.'],
])('%j is misuse', async (options, message) => {
  const { run } = await receiver(answering.always(200));
  await expect(run(options)).rejects.toThrow(message);
});
