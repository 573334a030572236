import { setTimeout as wait } from 'node:timers/promises';
import type { SecretVersion } from '../../../shared/secrets/key-ring.ts';
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
const LATE: readonly { note: string; source: Source }[] = [
  { note: '{"ringward":"keys-refresh-failed"', source: 'issuer' },
  { note: '{"ringward":"secret-refresh-failed"', source: 'vault' },
  { note: '{"ringward":"ledger-unavailable"', source: 'table' },
];
/** How long before the app says so a source may have been late, in milliseconds. */
const LATENESS = 10_000;
const PAUSE = 3000;
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
  const { clouds, azurite, random } = fleet;
  const { acs, azure, secretNames } = clouds;
  const out = new Map<Source, { from: number; until: number }>();
  const stored: StoredVersion[] = [];
  /** The versions that backends sign with, the newest last, and since when there is each. */
  let versions: readonly { version: SecretVersion; since: number }[] = [
    { version: clouds.callbackSecret, since: 0 },
  ];
  let keySince = 0;
  let over = false;
  const happened = new Map<string, number>();

  /**
   * A machine that is busy lets a stand-in that is well answer too late, and the app says so; then its source is out as
   * much as if it had been taken away. Nothing else that the app says excuses it.
   */
  let heard = 0;
  let late = 0;
  function listen(): void {
    const output = fleet.output();
    for (const line of output.slice(heard).split('\n')) {
      const source = LATE.find(({ note }) => line.includes(note) && line.includes('in time'))?.source;
      const window = source && out.get(source);
      if (!source || window?.until === Number.POSITIVE_INFINITY) continue;
      const until = Date.now() + AFTERMATH[source];
      if (window && window.until > Date.now()) window.until = until;
      else {
        late++;
        console.log(`  ${new Date().toISOString()} ${source} late by itself`);
        out.set(source, { from: Date.now() - LATENESS, until });
      }
    }
    heard = output.length;
  }
  const wasOut = (source: Source, since: number) => since <= (out.get(source)?.until ?? 0);

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
    const added = azure.vault.add(secretNames.callback, value);
    stored.push(added);
    // One more than backends sign with, for what is still under way; a ring does not hold many.
    for (const old of stored.slice(0, -IN_USE - 1)) old.enabled = false;
    const version = { kid: added.id.slice(0, 8), secret: Buffer.from(value) };
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
    const versions = async () => [version] as const;
    const ring = { versions, present: versions, find: versions, warm: async () => {}, isOut: () => false };
    return callbackUris({ baseUrl: fleet.urlOf(0), ring, ttlSeconds: 3600, clock: systemClock })();
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
    /** Whether a source was out at any time since then. */
    wasOut(source: Source, since: number): boolean {
      listen();
      return wasOut(source, since);
    },
    /** Outages that nobody made. */
    late: () => late,
    /** Whether what is signed with now was made while its source was out, or in the aftermath: nobody can know of it. */
    keyIsStrange: () => keySince >= (out.get('issuer')?.from ?? Number.POSITIVE_INFINITY),
    secretIsStrange: (since: number) => since >= (out.get('vault')?.from ?? Number.POSITIVE_INFINITY),
    happened: () => [...happened],
  };
}

export type Weather = ReturnType<typeof newWeather>;
