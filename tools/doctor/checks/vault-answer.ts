import type { Clock } from '../../../shared/clock.ts';
import { deadline } from '../../../shared/async.ts';
import type { FetchFailure } from '../../../shared/refreshing-cache.ts';
import type { ListedVersion, Vault } from '../../../shared/secrets/key-vault.ts';
import { withoutLineBreak } from '../../../shared/secrets/stored-text.ts';

/** A secret in the vault: its newest version in force, or the reason why there is none. */
export type Held = {
  readonly check: string;
  readonly name: string;
  /** Never printed. */
  readonly value?: string;
  readonly versions?: string;
  readonly trouble?: string;
  readonly mend?: string;
};

/** Longer than the app waits: a developer's sign-in takes several seconds. */
const DEADLINE_MS = 15_000;

export async function askVault(vault: Vault, name: string, clock: Clock): Promise<Held | 'absent'> {
  const check = `secret ${name}`;
  const limit = deadline(clock, DEADLINE_MS);
  try {
    await vault.ready();
    const listed = await vault.list(name, limit.signal);
    if (listed.length === 0) return 'absent';
    const enabled = listed.filter((version) => version.enabled);
    if (enabled.length === 0) return { check, name, ...disabled };
    const inForce = enabled.filter((version) => isInForce(version, clock.now()));
    const newest = inForce.sort((one, other) => other.created - one.created)[0];
    if (!newest) return { check, name, ...outOfTime };
    const value = withoutLineBreak(await vault.value(name, newest.id, limit.signal));
    return { check, name, value, versions: `${inForce.length} of ${listed.length} versions in force` };
  } catch (thrown) {
    // A FetchFailure: names and codes only.
    const { message: trouble, advice: mend = 'please report it' } = thrown as FetchFailure;
    return { check, name, trouble, mend };
  } finally {
    limit.clear();
  }
}

const disabled = {
  trouble: 'every version is disabled',
  mend: 'enable one, or add a version: az keyvault secret set',
};
const outOfTime = {
  trouble: 'no enabled version is in its time (not before, expires)',
  mend: 'add a version: az keyvault secret set',
};

const isInForce = ({ notBefore = 0, expires = Number.POSITIVE_INFINITY }: ListedVersion, now: number) =>
  now >= notBefore && now < expires;
