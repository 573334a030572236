import { setTimeout as wait } from 'node:timers/promises';
import { knownVersions, secretVersion } from '../../../../shared/secrets/versions.ts';
import type { SecretVersion } from '../../../../shared/secrets/versions.ts';
import { callbackUris } from '../../../../shared/calls/uris.ts';
import { systemClock } from '../../../../shared/clock.ts';
import type { StoredVersion } from '../../../../local/fakes/key-vault.ts';
import type { Fault } from '../../../../local/fakes/faults.ts';
import type { Fleet } from '../../fleet.ts';
import { shuffled } from '../../sender.ts';
import { newOutages } from './outages.ts';
import type { Source } from './outages.ts';

/** A key is known everywhere, and nothing is under way under the one before it. */
const OVERLAP = 15_000;
const PAUSE = 3000;
/** Strangers' key ids keep an instance from asking about a new key, or a new version, for this long. */
const UNCONFIRMED = 12_000;
/** Versions of the secret that backends sign with at a time. */
const IN_USE = 3;
const FAULTS: readonly Fault[] = ['hang', 'drip', 'reset', 'server-error', 'redirect', 'html'];
/** After this one everybody waits out the back-off, so it comes in one round of so many. */
const LAMING = 'issuer rotates while it is gone';
const ROUNDS = 3;

/**
 * What goes wrong around the app, one thing after the other in an order that the seed decides: outages of the table, the
 * issuer and the vault, new keys at the issuer, new versions of the secret.
 *
 * @param longest an outage, in seconds
 */
export function newWeather(fleet: Fleet, longest: number) {
  const { cloud, azurite, random } = fleet;
  const { acs, azure } = cloud;
  const outages = newOutages(fleet);
  const stored: StoredVersion[] = [];
  /** The versions that backends sign with, the newest last, and since when there is each. */
  let versions: readonly { version: SecretVersion; since: number }[] = [
    { version: cloud.callbackSecret, since: 0 },
  ];
  let keySince = 0;
  let over = false;
  const happened = new Map<string, number>();

  const someTime = () => (0.3 + 0.7 * random()) * longest * 1000;
  const aFault = () => FAULTS[Math.floor(random() * FAULTS.length)] ?? 'hang';

  const outage = (source: Source, begin: () => unknown, end: () => unknown) =>
    outages.play(source, someTime(), begin, end);

  async function rotateIssuer(): Promise<void> {
    keySince = Date.now();
    await acs.rotate();
  }

  async function retireIssuer(): Promise<void> {
    await wait(OVERLAP);
    acs.retire();
  }

  function rotateSecret(): void {
    const value = `${Math.floor(random() * 2 ** 32)} is the secret of the soak, for a while`;
    const added = azure.vault.add('callback-key', value);
    stored.push(added);
    // One more than backends sign with, for what is still under way; a ring does not hold many.
    for (const old of stored.slice(0, -IN_USE - 1)) old.enabled = false;
    const version = secretVersion(added.id.slice(0, 8), Buffer.from(value));
    versions = [...versions, { version, since: Date.now() }].slice(-IN_USE);
  }

  const events: Readonly<Record<string, () => Promise<void>>> = {
    'table gone': () => outage('table', azurite.down, azurite.up),
    'issuer rotates': async () => {
      await rotateIssuer();
      await retireIssuer();
    },
    'vault gone': () => outage('vault', azure.vault.down, azure.vault.up),
    'table silent': () => outage('table', azurite.hang, azurite.up),
    'secret rotates': async () => rotateSecret(),
    'issuer gone': () => outage('issuer', acs.down, acs.up),
    'vault faulty': () =>
      outage(
        'vault',
        () => azure.vault.play(aFault()),
        () => azure.vault.play(),
      ),
    'issuer faulty': () =>
      outage(
        'issuer',
        () => acs.play('keys', aFault()),
        () => acs.play('keys'),
      ),
    [LAMING]: async () => {
      await Promise.all([outage('issuer', acs.down, acs.up), wait(500).then(rotateIssuer)]);
      await retireIssuer();
    },
  };

  const mintWith = (version: SecretVersion) => {
    const secret = knownVersions(() => [version]);
    return callbackUris({ baseUrl: fleet.urlOf(0), secret, ttlSeconds: 3600, clock: systemClock })();
  };

  return {
    /** Goes on until it is told to end, and leaves everything well. */
    async run(): Promise<void> {
      await wait(PAUSE);
      for (let round = 0; !over; round++) {
        const names = Object.keys(events).filter((name) => name !== LAMING || round % ROUNDS === 1);
        for (const name of round === 0 ? names : shuffled(names, random)) {
          if (over) return;
          console.log(`  ${new Date().toISOString()} ${name}`);
          happened.set(name, (happened.get(name) ?? 0) + 1);
          await events[name]?.();
          await wait(PAUSE);
        }
      }
    },
    end: () => {
      over = true;
    },
    /** A callback URI, and since when there is the version that it was made with. */
    async callbackUri(): Promise<{ uri: string; since: number }> {
      const { version, since } = versions[
        Math.floor(random() * versions.length)
      ] as (typeof versions)[number];
      return { uri: await mintWith(version), since };
    },
    wasOut: outages.wasOut,
    late: outages.late,
    /** Whether a request at that time came so soon after its key or the version of its secret that it may be put off. */
    isNew: (secretSince: number, at: number) => at - Math.max(keySince, secretSince) < UNCONFIRMED,
    /** Whether nobody can know of the key, or the version of a secret, that is signed with. */
    keyIsStrange: () => outages.isStrange('issuer', keySince),
    secretIsStrange: (since: number) => outages.isStrange('vault', since),
    happened: () => [...happened],
  };
}

export type Weather = ReturnType<typeof newWeather>;
