import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAcs } from '../../../local/providers/call-automation/acs.ts';
import type { Acs } from '../../../local/providers/call-automation/acs.ts';
import { rs256 } from '../../../local/fakes/token.ts';
import { callAutomationToken } from '../../../shared/providers/call-automation.ts';
import { judge } from '../../../shared/verification/check.ts';
import { keyFetcher } from '../../../shared/verification/discovery.ts';
import { keySet } from '../../../shared/verification/key-set.ts';
import { manualClock } from '../../clock.ts';
import { issuersOf } from '../../support/endpoints.ts';
import { received, verdictOf } from '../../support/verdict.ts';

let acs: Acs;
beforeAll(async () => {
  acs = await startAcs();
});
afterAll(() => acs.close());

function check(audiences: readonly string[] = [acs.resourceId]) {
  const clock = manualClock(Date.now() / 1000);
  const keys = keySet({
    name: acs.issuer,
    fetchKeys: keyFetcher(acs, clock, globalThis.fetch),
    maxStaleSeconds: 86_400,
    clock,
    random: () => 0,
    note: () => {},
  });
  const rules = { issuers: [acs.issuer], audiences, lifeSeconds: 300, toleranceSeconds: 60 };
  return { clock, check: callAutomationToken(rules, keys, clock) };
}
const carrying = (headers: Record<string, string>) => received({ headers });

test('Call Automation is one issuer for everybody, with a configuration under a path of its own', () => {
  expect(issuersOf({})).toMatchObject([
    {
      issuer: 'https://acscallautomation.communication.azure.com',
      openIdConfigurationUrl:
        'https://acscallautomation.communication.azure.com/calling/.well-known/acsopenidconfiguration',
    },
  ]);
});

test('a token of the issuer is accepted and proves who sent it', async () => {
  const request = carrying({ authorization: `Bearer ${acs.token()}` });
  expect(await judge(check().check, request, new AbortController().signal)).toMatchObject({
    outcome: 'accepted',
    proof: { sender: acs.issuer, token: { id: expect.any(String) }, keyAge: 0 },
  });
});

test('the header that the documentation names counts where the other one is absent', async () => {
  const bearer = `Bearer ${acs.token()}`;
  expect(await verdictOf(check().check, carrying({ authentication: bearer }))).toBe('accepted');
  expect(
    await verdictOf(check().check, carrying({ authentication: bearer, authorization: 'Bearer a.b.c' })),
  ).toBe('token-malformed');
  expect(
    await verdictOf(check().check, carrying({ authentication: 'Bearer a.b.c', authorization: bearer })),
  ).toBe('accepted');
  expect(await verdictOf(check().check, carrying({ 'x-authorization': bearer }))).toBe('token-missing');
});

test('a token for one of several resources is accepted, whatever the case of its id', async () => {
  const token = rs256(acs.header(), { ...acs.claims(), aud: acs.resourceId.toUpperCase() }, acs.signingKey());
  const request = carrying({ authorization: `Bearer ${token}` });
  expect(await verdictOf(check(['another', acs.resourceId]).check, request)).toBe('accepted');
  expect(await verdictOf(check(['another']).check, request)).toBe('token-audience');
});

test('after a rotation the new key is found by itself', async () => {
  const { clock, check: rotated } = check();
  expect(await verdictOf(rotated, carrying({ authorization: `Bearer ${acs.token()}` }))).toBe('accepted');
  await acs.rotate();
  await clock.advance(10_000);
  expect(await verdictOf(rotated, carrying({ authorization: `Bearer ${acs.token()}` }))).toBe('accepted');
});
