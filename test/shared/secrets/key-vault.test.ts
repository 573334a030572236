import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FakeAzure } from '../../../local/fakes/azure.ts';
import type { Fault } from '../../../local/fakes/faults.ts';
import { FetchFailure } from '../../../shared/refreshing-cache.ts';
import { keyVault } from '../../../shared/secrets/key-vault.ts';
import type { Vault } from '../../../shared/secrets/key-vault.ts';
import { azureForThisProcess } from '../../support/azure.ts';

// What goes on of the answers of a vault: enough for the operator, and nothing that they quote.
const never = new AbortController().signal;
let azure: FakeAzure;
let vault: Vault;
beforeAll(async () => {
  azure = await azureForThisProcess();
  vault = keyVault(azure.vault.url, { inAzure: true, clientId: undefined });
  await vault.ready();
});
afterAll(() => azure.close());
afterEach(async () => {
  azure.vault.play();
  await azure.vault.up();
});

async function failureOf(work: Promise<unknown>): Promise<FetchFailure> {
  const thrown = await work.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  expect(thrown).toBeInstanceOf(FetchFailure);
  return thrown as FetchFailure;
}
const listing = (signal = never) => vault.list('any', signal);

test.each<[Fault, string, number | undefined, boolean]>([
  ['not-found', 'the vault answered 404 (RestError)', undefined, true],
  ['server-error', 'the vault answered 500 (RestError)', undefined, false],
  ['throttled', 'the vault answered 429 (RestError)', 120, false],
  ['unavailable', 'the vault answered 503 (RestError)', 120, false],
])('an answer of %s is told of by its number', async (fault, message, retryAfterSeconds, conclusive) => {
  azure.vault.play(fault);
  expect(await failureOf(listing())).toMatchObject({ message, retryAfterSeconds, conclusive });
});

test('a connection that breaks, or that nobody takes, is told of by its code', async () => {
  azure.vault.play('reset');
  const broken = await failureOf(listing());
  expect(broken).toMatchObject({ retryAfterSeconds: undefined, conclusive: false });
  expect(broken.message).toMatch(/^the vault cannot be reached \(RestError [A-Z_]+\)$/);
  azure.vault.play();
  await azure.vault.down();
  expect((await failureOf(listing())).message).toMatch(/^the vault cannot be reached \(RestError [A-Z_]+\)$/);
});

test('what did not come in time is told of as that', async () => {
  azure.vault.play('hang');
  const limit = new AbortController();
  const asked = failureOf(listing(limit.signal));
  limit.abort();
  expect(await asked).toMatchObject({ message: 'the vault did not answer in time', conclusive: false });
});

test('a version that is disabled is refused, and that is an answer', async () => {
  const version = azure.vault.add('withdrawn', 'value', { enabled: false });
  expect(await failureOf(vault.value('withdrawn', version.id, never))).toMatchObject({
    message: 'the vault answered 403 (RestError Forbidden)',
    conclusive: true,
  });
});

test('a secret that is not there has no versions, and one that is there has all of them with their times', async () => {
  expect(await vault.list('not-there', never)).toEqual([]);
  const { id } = azure.vault.add('there', 'value', { created: 1, notBefore: 2, expires: 3, enabled: false });
  expect(await vault.list('there', never)).toEqual([
    { id, enabled: false, created: 1, notBefore: 2, expires: 3 },
  ]);
  const plain = azure.vault.add('plain', 'value', { created: 1 });
  expect(await vault.list('plain', never)).toEqual([
    { id: plain.id, enabled: true, created: 1, notBefore: undefined, expires: undefined },
  ]);
  expect(await vault.value('plain', plain.id, never)).toBe('value');
});
