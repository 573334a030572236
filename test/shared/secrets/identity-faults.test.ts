import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FakeAzure } from '../../../local/fakes/azure.ts';
import { faults } from '../../../local/fakes/faults.ts';
import type { Fault } from '../../../local/fakes/faults.ts';
import { Outage } from '../../../shared/errors.ts';
import { keyVault } from '../../../shared/secrets/key-vault.ts';
import { vaultSecret } from '../../../shared/secrets/vault-versions.ts';
import { manualClock } from '../../clock.ts';
import { azureForThisProcess } from '../../support/azure.ts';

// The identity of the app cannot be had, so that the vault, which is well, says nothing either.
let azure: FakeAzure;
beforeAll(async () => {
  azure = await azureForThisProcess();
});
afterAll(() => azure.close());
afterEach(() => azure.identity.play());

function ring(clientId: string) {
  const clock = manualClock(Math.floor(Date.now() / 1000));
  const notes: string[] = [];
  const secret = azure.vault.add('secret', 'x'.repeat(32));
  const versions = vaultSecret({
    name: 'secret',
    purpose: 'CALLBACK_KEY_SECRET',
    // One that has not signed in yet, under a name that the SDK keeps no token for.
    vault: keyVault(azure.vault.url, { inAzure: true, clientId }),
    outage: 'callback-secret-unavailable',
    maxStaleSeconds: 86_400,
    clock,
    random: () => 0,
    note: (...note) => void notes.push(JSON.stringify(note)),
  });
  return { clock, notes, versions, secret };
}

test.each(Object.keys(faults) as Fault[])(
  'an identity that is ailing (%s) is an outage within two seconds, and over when it is well',
  async (fault) => {
    const { clock, versions, secret } = ring(fault);
    azure.identity.play(fault);
    const { signal } = new AbortController();
    const asked = Promise.resolve(versions.versions(signal)).catch((thrown: unknown) => thrown);
    let over = false;
    void asked.then(() => (over = true));
    await expect.poll(() => over || clock.sleepers() > 0).toBe(true);
    await clock.advance(2000);
    expect(await asked).toBeInstanceOf(Outage);
    azure.identity.play();
    await clock.advance(60_000);
    await expect
      .poll(async () => {
        await clock.advance(60_000);
        return Promise.resolve(versions.find(secret.id.slice(0, 8), signal)).then(
          (found) => found.length,
          () => 'outage',
        );
      })
      .toBe(1);
  },
);
