import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { providers } from '../../../local/providers/index.ts';
import { Outage, reject } from '../../../shared/errors.ts';
import { callEventNames } from '../../../shared/events/call-automation.ts';
import { readSettings } from '../../../shared/settings/settings.ts';
import type { Fields } from '../../../shared/telemetry/delivery-log.ts';
import { logVolume, repeats } from '../../../shared/telemetry/log-volume.ts';
import type { Check, Proof } from '../../../shared/verification/check.ts';
import { manualClock } from '../../clock.ts';
import { callEvent, checking, pipelineOf, posted, REFERENCE } from '../../support/pipeline.ts';
import { capturedLog } from '../../support/log.ts';
import { development, production } from '../../support/settings.ts';

const PROOF: Proof = {
  reference: REFERENCE,
  token: { id: 'abcdefghijkl', expires: 1 },
  keyAge: 60,
  claims: {
    names: ['aud', 'exp', 'iat', 'iss', 'jti'],
    lifeSeconds: 300,
    ageSeconds: 1,
    expiresInSeconds: 299,
  },
};
const proving = (more: Proof = {}): readonly Check[] => [
  checking('source-address', async () => ({})),
  checking('callback-key', async () => ({})),
  checking('call-automation-token', async () => ({ ...PROOF, ...more })),
];

/** What one delivery leaves in the log. */
async function left(
  detail: string,
  given: Parameters<typeof pipelineOf>[0] & {
    readonly took?: number;
    readonly events?: readonly object[];
  } = {},
) {
  const { took = 0, events = [callEvent()], ...change } = given;
  const clock = manualClock();
  const settings = readSettings({ ...production, DELIVERY_LOG: detail });
  const { log, messages, entries } = capturedLog(logVolume(settings, clock));
  const handlers = { otherwise: () => clock.sleep(took) };
  const { receive } = pipelineOf({ clock, checks: proving(), handlers, ...change });
  const delivery = receive(posted({ body: JSON.stringify(events) }), log);
  await clock.advance(took);
  await delivery;
  return { entry: entries()[0], bytes: Buffer.byteLength(messages[0]?.message ?? '') };
}

const refusing: readonly Check[] = [
  ...proving().slice(0, 2),
  checking('call-automation-token', async () => reject('token-issued-in-future')),
];

describe('by default', () => {
  test('an accepted delivery leaves who, what and when, and neither times of its parts nor anything of its token', async () => {
    const { entry } = await left('all');
    expect(entry).toEqual({
      delivery: 'call-automation',
      route: 'callbacks/call-automation',
      verdict: 'accepted',
      status: 200,
      milliseconds: 0,
      events: { 'Microsoft.Communication.CallConnected': 1 },
      outcomes: { handled: 1 },
      reference: REFERENCE,
    });
  });

  test('no entry of an event that has a type of its own takes more than 300 bytes', async () => {
    for (const name of callEventNames) {
      const events = [callEvent({ type: `Microsoft.Communication.${name}` })];
      const checks = proving({ reported: ['source-address-foreign'] });
      expect((await left('all', { checks, events })).bytes).toBeLessThanOrEqual(300);
    }
    expect((await left('all', { checks: refusing })).bytes).toBeLessThanOrEqual(300);
  });

  test.each<[string, Parameters<typeof left>[1]]>([
    ['a slow delivery', { took: 1001 }],
    ['a refused one', { checks: refusing }],
    ['one that fails', { handlers: { otherwise: () => Promise.reject(new Error('broken')) } }],
  ])('%s has the milliseconds of its parts', async (_what, given) => {
    const { entry } = await left('all', given);
    expect(Object.keys(entry?.checks ?? {})).toEqual([
      'source-address',
      'callback-key',
      'call-automation-token',
    ]);
    expect(entry?.stages).toMatchObject({ read: 0, checks: 0 });
  });

  test('the age of the keys is logged where it is a finding', async () => {
    expect((await left('all', { checks: proving({ keyAge: 3600 }) })).entry).not.toHaveProperty(
      'keyAgeSeconds',
    );
    expect((await left('all', { checks: proving({ keyAge: 3601 }) })).entry).toMatchObject({
      keyAgeSeconds: 3601,
    });
  });
});

test('full tells of the token and of every part, for an observation', async () => {
  expect((await left('full')).entry).toMatchObject({
    tokenFingerprint: 'abcdefgh',
    tokenClaims: PROOF.claims?.names,
    tokenLifeSeconds: 300,
    tokenAgeSeconds: 1,
    tokenExpiresInSeconds: 299,
    keyAgeSeconds: 60,
    checks: { 'source-address': 0 },
    stages: { read: 0 },
  });
});

test('full has an entry of each refusal, however many', () => {
  const volume = (detail: string) =>
    logVolume(readSettings({ ...production, DELIVERY_LOG: detail }), manualClock());
  const written = ({ admits }: ReturnType<typeof logVolume>) =>
    Array.from({ length: 100 }, () => admits('warn', { reason: 'token-missing' })).filter(Boolean).length;
  expect([written(volume('full')), written(volume('all'))]).toEqual([100, 3]);
});

describe('exceptions', () => {
  test('an accepted delivery leaves nothing', async () => {
    expect((await left('exceptions')).entry).toBeUndefined();
    const twice = [callEvent(), callEvent(), callEvent({ id: '2', type: 'Unknown' })];
    expect((await left('exceptions', { events: twice })).entry).toBeUndefined();
  });

  test.each<[string, Parameters<typeof left>[1], object]>([
    ['a refused one', { checks: refusing }, { reason: 'token-issued-in-future' }],
    [
      'an outage',
      { checks: [checking('no', () => Promise.reject(new Outage('keys-unavailable')))] },
      { status: 503 },
    ],
    [
      'a handler that throws',
      { handlers: { otherwise: () => Promise.reject(new Error('broken')) } },
      { status: 500 },
    ],
    ['a verified body that is unusable', { events: [] }, { reason: 'no-events' }],
    ['an element that is no event', { events: [callEvent(), {}] }, { outcomes: { unusable: 1 } }],
    ['a slow one', { took: 1001 }, { milliseconds: 1001 }],
    [
      'what a stricter setting refuses',
      { checks: proving({ reported: ['token-role'] }) },
      { reported: ['token-role'] },
    ],
    ['old keys', { checks: proving({ keyAge: 3601 }) }, { keyAgeSeconds: 3601 }],
  ])('%s leaves an entry', async (_what, given, told) => {
    expect((await left('exceptions', given)).entry).toMatchObject(told);
  });
});

const TOKEN = { delivery: 'call-automation', verdict: 'rejected', reason: 'token-missing', status: 401 };

/** What is written of kinds, and a clock for it. */
function counting() {
  const clock = manualClock();
  const sums: { kind: Fields; count: number; at: number }[] = [];
  const limit = repeats(clock, (_level, kind, count) => sums.push({ kind, count, at: clock.ticks() }));
  return { clock, sums, ...limit };
}

describe('refusals of strangers', () => {
  test('of a kind the first three are written, and within the minute one line with the number of the others', async () => {
    const { admits, clock, sums } = counting();
    const admitted = Array.from({ length: 1000 }, () => admits('warn', TOKEN)).filter(Boolean);
    expect([admitted.length, sums]).toEqual([3, []]);
    await clock.advance(60_000);
    expect(sums).toEqual([{ kind: TOKEN, count: 997, at: 60_000 }]);
    expect(admits('warn', TOKEN)).toBe(true);
  });

  test('few of a kind leave no sum', async () => {
    const { admits, clock, sums } = counting();
    for (let turn = 0; turn < 3; turn++) admits('warn', TOKEN);
    await clock.advance(60_000);
    expect(sums).toEqual([]);
  });

  test('what is counted at the end of the process is written then, once', async () => {
    const { admits, flush, clock, sums } = counting();
    for (let turn = 0; turn < 5; turn++) admits('warn', TOKEN);
    flush();
    flush();
    await clock.advance(120_000);
    expect(sums).toEqual([{ kind: TOKEN, count: 2, at: 0 }]);
  });

  test('in any order of requests, lines and sums add up to each kind, and the lines of a minute are bounded', async () => {
    const kinds = Array.from({ length: 40 }, (_, index) => ({ ...TOKEN, reason: `reason-${index}` }));
    const arrivals = fc.array(
      fc.record({ of: fc.nat(kinds.length - 1), times: fc.nat(9), wait: fc.nat(40_000) }),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(arrivals, async (all) => {
        const { admits, flush, clock, sums } = counting();
        const sent = new Map<string, number>();
        const lines: { reason: string; count: number; at: number }[] = [];
        for (const { of, times, wait } of all) {
          const kind = kinds[of] as (typeof kinds)[number];
          for (let turn = 0; turn < times; turn++) {
            sent.set(kind.reason, (sent.get(kind.reason) ?? 0) + 1);
            if (admits('warn', kind)) lines.push({ reason: kind.reason, count: 1, at: clock.ticks() });
          }
          await clock.advance(wait);
        }
        flush();
        const told = new Map<string, number>();
        lines.push(...sums.map(({ kind, count, at }) => ({ reason: String(kind['reason']), count, at })));
        for (const { reason, count } of lines) told.set(reason, (told.get(reason) ?? 0) + count);
        expect(told).toEqual(sent);
        for (const { at: from } of lines) {
          const within = lines.filter(({ at }) => at >= from && at < from + 60_000);
          // The lines of two minutes that touch, the sums of one, and those at the end of the process.
          expect(within.length).toBeLessThanOrEqual(2 * 30 + 2 * kinds.length);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('of every forgery there is, all at once and again and again, a minute has fewer than 200 lines', async () => {
    const { admits, flush, sums } = counting();
    let admitted = 0;
    const kinds = providers.flatMap(({ name, forgeries }) =>
      forgeries.flatMap(({ members }) =>
        members.flatMap(({ expected, alternatively = expected }) =>
          // A proxy can have requests of Call Automation checked too.
          [name, name === 'call-automation' ? 'perimeter' : name].flatMap((delivery) => [
            { delivery, ...expected },
            { delivery, ...alternatively },
          ]),
        ),
      ),
    );
    for (let turn = 0; turn < 20; turn++) for (const kind of kinds) if (admits('warn', kind)) admitted++;
    flush();
    expect(admitted + sums.length).toBeLessThan(200);
  });
});

test('in Development every refusal has its entry, since a developer looks for it', () => {
  const admitted = (environment: Record<string, string | undefined>) => {
    const { admits } = logVolume(readSettings(environment), manualClock());
    return Array.from({ length: 10 }, () => admits('warn', TOKEN)).filter(Boolean).length;
  };
  expect([admitted(development), admitted(production)]).toEqual([10, 3]);
});
