import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
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

describe('what the operator reads', () => {
  const ofNewClient = (clientId: string, url = azure.vault.url) =>
    failureOf(keyVault(url, { inAzure: true, clientId }).list('any', never));

  test('six kinds of failure are six messages, each with what to do', async () => {
    const failures: FetchFailure[] = [];
    azure.identity.play('html');
    failures.push(await ofNewClient('sign-in'));
    azure.identity.play();
    azure.vault.habits.challenge = 'foreign';
    failures.push(await ofNewClient('foreign'));
    azure.vault.habits.challenge = 'resource';
    for (const fault of ['html', 'forbidden', 'too-many'] as const) {
      azure.vault.play(fault);
      failures.push(await failureOf(listing()));
    }
    azure.vault.play();
    await azure.vault.down();
    failures.push(await failureOf(listing()));
    expect(failures.map(({ message }) => message)).toEqual([
      'the vault cannot be asked: the sign-in failed (CredentialUnavailableError)',
      'the vault asks for a sign-in of another cloud or host',
      expect.stringMatching(/^the vault gave an answer that is no vault's \(/),
      'the vault answered 403 (RestError Forbidden)',
      'the vault answered 429 (RestError Throttled)',
      expect.stringMatching(/^the vault cannot be reached \(RestError [A-Z_]+\)$/),
    ]);
    const advice = failures.map((failure) => failure.advice);
    expect(new Set(advice).size).toBe(6);
    for (const line of advice) expect(line).toMatch(/^[^\n]{20,}$/);
  });

  test.each(['empty-object', 'html', 'redirect', 'drip'] as const)(
    'an answer of %s is no answer of a vault, and no refusal',
    async (fault) => {
      azure.vault.play(fault);
      const limit = new AbortController();
      const asked = failureOf(listing(limit.signal));
      if (fault === 'drip') setTimeout(() => limit.abort(), 100);
      const { message, conclusive } = await asked;
      expect(conclusive).toBe(false);
      expect(message).toMatch(fault === 'drip' ? /did not answer in time/ : /no vault's/);
    },
  );

  test('the code of an answer is shown only where it is documented', async () => {
    azure.vault.play('telling-code');
    expect((await failureOf(listing())).message).toBe('the vault answered 403 (RestError)');
  });

  test('a Retry-After in the form of a date counts', async () => {
    azure.vault.play('throttled-until');
    const { retryAfterSeconds = 0 } = await failureOf(listing());
    expect(Math.abs(retryAfterSeconds - 120)).toBeLessThan(3);
  });
});

test('a deleted secret has no versions, and a recovered one has them again', async () => {
  const { id } = azure.vault.add('deleted', 'value');
  azure.vault.delete('deleted');
  expect(await vault.list('deleted', never)).toEqual([]);
  azure.vault.recover('deleted');
  expect(await vault.list('DELETED', never)).toMatchObject([{ id }]);
});
