import { afterAll, beforeAll, expect, test } from 'vitest';
import { callbackForgeries } from '../../../local/providers/call-automation/forgeries/index.ts';
import { callback, genuineCall } from '../../../local/providers/call-automation/requests.ts';
import type { OutgoingRequest } from '../../../local/http/request.ts';
import { startAcs } from '../../../local/providers/call-automation/acs.ts';
import type { Acs } from '../../../local/providers/call-automation/acs.ts';
import { callbackUris } from '../../../shared/calls/uris.ts';
import { callAutomationToken } from '../../../shared/providers/call-automation.ts';
import { reasons } from '../../../shared/reasons.ts';
import { vaultSecret } from '../../../shared/secrets/vault-versions.ts';
import { callbackKey } from '../../../shared/verification/callback-key.ts';
import { keyFetcher } from '../../../shared/verification/discovery.ts';
import { keySet } from '../../../shared/verification/key-set.ts';
import { manualClock } from '../../clock.ts';
import { deliveryOf } from '../../support/endpoints.ts';
import { callEvent, pipelineOf } from '../../support/pipeline.ts';

const forgeries = Object.values(callbackForgeries).flat();

const CALLBACK_SECRET = 'the secret that only the app knows';
const vault = {
  ready: async () => {},
  list: async () => [{ id: 'fedcba9876543210fedcba9876543210', enabled: true, created: 0 }],
  value: async () => CALLBACK_SECRET,
};
const COOL_DOWN_MS = 10_000;

let acs: Acs;
beforeAll(async () => {
  acs = await startAcs();
});
afterAll(() => acs.close());

/** The real checks in front of one handler, warmed as an app is, and a genuine request to them. */
async function app() {
  // The fake signs with the time of the machine.
  const clock = manualClock(Date.now() / 1000);
  const fresh = { maxStaleSeconds: 86_400, clock, random: () => 0, note: () => {} };
  const secret = vaultSecret({
    ...fresh,
    name: 'callback-key',
    purpose: 'CALLBACK_KEY_SECRET',
    vault,
    outage: 'callback-secret-unavailable',
  });
  const keys = keySet({
    ...fresh,
    name: acs.issuer,
    fetchKeys: keyFetcher(acs, clock, globalThis.fetch),
  });
  const times = { ttlSeconds: 86_400, toleranceSeconds: 60, clock };
  const rules = {
    issuers: [acs.issuer],
    audiences: [acs.resourceId],
    lifeSeconds: 300,
    toleranceSeconds: 60,
  };
  const settings = { TOKEN_REUSE: 'enforce', CALL_BINDING: 'enforce' };
  const { replayRules } = deliveryOf('POST /api/callbacks/call-automation', { settings, clock });
  const delivery = { ...(replayRules && { replayRules }) };
  const handled: string[] = [];
  const pipeline = pipelineOf({
    clock,
    checks: [callbackKey({ secret, purpose: 'callback', ...times }), callAutomationToken(rules, keys, clock)],
    delivery,
    handlers: { otherwise: ({ id }) => void handled.push(id) },
  });
  const callbackUri = callbackUris({ baseUrl: 'https://app.example', secret, ...times });
  await keys.warm();
  const [callbackSecret] = await secret.versions(new AbortController().signal);
  const request = callback(acs, await callbackUri(), [callEvent()]);
  return { ...pipeline, handled, request, genuine: genuineCall({ acs, callbackSecret }, request) };
}

const asRequest = ({ url, headers, body }: OutgoingRequest) =>
  new Request(url, {
    method: 'POST',
    headers: headers.map(([name, value]) => [name, value]),
    body: body.toString(),
  });

test('the genuine request that every forgery starts from is accepted', async () => {
  const { deliver, handled, request } = await app();
  const { status, entry } = await deliver(asRequest(request));
  expect([status, entry?.verdict, handled]).toEqual([200, 'accepted', ['event-1']]);
});

test.each(forgeries)(
  '$name is refused as $expected.reason, and costs the genuine event nothing',
  async (forgery) => {
    const { deliver, handled, request, genuine } = await app();
    if (forgery.afterGenuine) await deliver(asRequest(request));
    const before = [...handled];
    const { response, entry } = await deliver(asRequest(forgery.forge(genuine)));
    expect({ status: response.status, reason: entry?.reason }).toEqual(forgery.expected);
    expect(response.body).not.toContain(forgery.expected.reason);
    expect(handled).toEqual(before);

    const again = await deliver(asRequest(request));
    expect([again.status, handled]).toEqual([200, ['event-1']]);
  },
);

const unknownIds = forgeries.filter(({ alternatively }) => alternatively);

test.each(unknownIds)(
  '$name within ten seconds of another is put off as $alternatively.reason, at once',
  async ({ expected, alternatively, forge }) => {
    const { clock, deliver, handled, request, genuine } = await app();
    const verdict = async () => {
      const { response, entry } = await deliver(asRequest(forge(genuine)));
      return { status: response.status, reason: entry?.reason };
    };
    expect(await verdict()).toEqual(expected);
    expect(await verdict()).toEqual(alternatively);
    await clock.advance(COOL_DOWN_MS - 1);
    expect(await verdict()).toEqual(alternatively);
    expect([(await deliver(asRequest(request))).status, handled]).toEqual([200, ['event-1']]);
    await clock.advance(1);
    expect(await verdict()).toEqual(expected);
  },
);

test('no two forgeries have the same name, and each is refused as nothing but a refusal', () => {
  expect(new Set(forgeries.map(({ name }) => name)).size).toBe(forgeries.length);
  for (const { expected } of forgeries) {
    expect(reasons[expected.reason].answer).toBe(expected.status === 413 ? 'too-large' : 'unauthorized');
  }
});
