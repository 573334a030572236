import { expect, test } from 'vitest';
import { subscriptionName } from '../../../shared/providers/event-grid/checks.ts';
import { received, verdictOf } from '../../support/verdict.ts';

const names = ['calls', 'More-Calls'];
const from = (name?: string) =>
  received({ headers: name === undefined ? {} : { 'aeg-subscription-name': name } });

test.each([
  ['calls', 'accepted'],
  ['CALLS', 'accepted'],
  ['MORE-CALLS', 'accepted'],
  ['more-calls', 'accepted'],
  ['call', 'subscription-not-allowed'],
  ['calls2', 'subscription-not-allowed'],
  ['', 'subscription-not-allowed'],
  ['calls,more-calls', 'subscription-not-allowed'],
  ['constructor', 'subscription-not-allowed'],
])('a request of the subscription %j is %s', async (name, expected) => {
  for (const required of [true, false])
    expect(await verdictOf(subscriptionName(names, { required }), from(name))).toBe(expected);
});

test('a request that names none is refused where a name is always sent, and only there', async () => {
  expect(await verdictOf(subscriptionName(names, { required: true }), from())).toBe(
    'subscription-not-allowed',
  );
  expect(await verdictOf(subscriptionName(names, { required: false }), from())).toBe('accepted');
});

test('with no name allowed there is none that gets in', async () => {
  expect(await verdictOf(subscriptionName([], { required: true }), from('calls'))).toBe(
    'subscription-not-allowed',
  );
});
