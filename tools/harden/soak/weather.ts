import { setTimeout as wait } from 'node:timers/promises';
import type { KeyRing, SecretVersion } from '../../../shared/secrets/key-ring.ts';
import { callbackUris } from '../../../shared/calls/callback-uri.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { StoredVersion } from '../../../local/stand-ins/key-vault.ts';
import type { Fault } from '../../../local/stand-ins/faults.ts';
import type { Fleet } from '../../../test/harden/fleet.ts';
import { shuffled } from '../../../test/harden/sender.ts';

/** What may be out. */
export type Source = 'table' | 'issuer' | 'vault';

/**
 * How long after its return a source may still count as out, in milliseconds: the table is asked three times in a lease;
 * the others are left alone for as long as the back-off has come to, a minute and a half at most.
 */
const AFTERMATH: Readonly<Record<Source, number>> = { table: 10_000, issuer: 95_000, vault: 95_000 };
/** A key is known everywhere, and nothing is under way under the one before it. */
const OVERLAP = 15_000;
const PAUSE = 3000;
const FAULTS: readonly Fault[] = ['hang', 'drip', 'reset', 'server-error', 'throttled', 'html'];

/**
 * What goes wrong around the app, one thing after the other in an order that the seed decides: outages of the table, the
 * issuer and the vault, new keys at the issuer, new versions of the secret.
 *
 * @param longest an outage, in seconds
 */
export function newWeather(fleet: Fleet, longest: number) {
  const { clouds, azurite, random } = fleet;
  const { acs, azure, secretNames } = clouds;
  const out = new Map<Source, { from: number; until: number }>();
  const versions: StoredVersion[] = [];
  let version: SecretVersion = clouds.callbackSecret;
  let versionSince = 0;
  let keySince = 0;
  let over = false;
  const happened = new Map<string, number>();

  const someTime = () => wait((0.3 + 0.7 * random()) * longest * 1000);
  const aFault = () => FAULTS[Math.floor(random() * FAULTS.length)] ?? 'hang';

  async function outage(source: Source, begin: () => unknown, end: () => unknown): Promise<void> {
    const before = out.get(source);
    // What nobody could learn since the last outage is as unknown in this one.
    const from = before && before.until > Date.now() ? before.from : Date.now();
    const window = { from, until: Number.POSITIVE_INFINITY };
    out.set(source, window);
    await begin();
    await someTime();
    await end();
    window.until = Date.now() + AFTERMATH[source];
  }

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
    const stored = azure.vault.add(secretNames.callback, value);
    versions.push(stored);
    // Those that are still in use, and no more of them than a ring holds.
    for (const old of versions.slice(0, -4)) old.enabled = false;
    version = { kid: stored.id.slice(0, 8), secret: Buffer.from(value) };
    versionSince = Date.now();
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
    'issuer rotates while it is gone': async () => {
      await Promise.all([outage('issuer', acs.down, acs.up), wait(500).then(rotateIssuer)]);
      await retireIssuer();
    },
  };

  const ring: KeyRing = {
    versions: async () => [version],
    present: async () => [version],
    find: async () => [version],
    warm: async () => {},
    isOut: () => false,
  };
  const mint = callbackUris({ baseUrl: fleet.urlOf(0), ring, ttlSeconds: 3600, clock: systemClock });

  return {
    /** Goes on until it is told to end, and leaves everything well. */
    async run(): Promise<void> {
      for (let round = 0; !over; round++) {
        const names = Object.keys(events);
        for (const name of round === 0 ? names : shuffled(names, random)) {
          if (over) return;
          happened.set(name, (happened.get(name) ?? 0) + 1);
          await events[name]?.();
          await wait(PAUSE);
        }
      }
    },
    end: () => {
      over = true;
    },
    callbackUri: () => mint(),
    /** Whether a source was out at any time since then. */
    wasOut: (source: Source, since: number) => since <= (out.get(source)?.until ?? 0),
    /** Whether what is signed with now was made while its source was out, or in the aftermath: nobody can know of it. */
    keyIsStrange: () => keySince >= (out.get('issuer')?.from ?? Number.POSITIVE_INFINITY),
    secretIsStrange: () => versionSince >= (out.get('vault')?.from ?? Number.POSITIVE_INFINITY),
    happened: () => [...happened],
  };
}

export type Weather = ReturnType<typeof newWeather>;
