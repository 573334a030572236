import { expect, it } from 'vitest';
import type { HostRequest } from '../../../local/host/host-request.ts';
import { triggerMetadata } from '../../../local/host/trigger-metadata.ts';

const request: HostRequest = {
  method: 'POST',
  host: 'localhost',
  path: '/',
  target: '/?n=2',
  query: new Map([['n', { name: 'n', values: ['2'] }]]),
  headers: new Map(),
};
const others = { n: { string: '2' }, Query: { json: '{"n":"2"}' }, Headers: { json: '{}' } };

it('has the fields of a JSON object, but for arrays and nulls', () => {
  const body = Buffer.from('{"flat":1,"yes":true,"deep":{"a":[1]},"list":[],"none":null}');
  expect(triggerMetadata(request, {}, body)).toEqual({
    flat: { string: '1' },
    yes: { string: 'True' },
    deep: { json: '{"a":[1]}' },
    ...others,
  });
});

it.each([10_000, 100_000])(
  'has no field of a body that is nested too deeply to be written down again, and does not throw: %d levels',
  (levels) => {
    const body = Buffer.from(`{"flat":1,"deep":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`);
    expect(triggerMetadata(request, {}, body)).toEqual(others);
  },
);
