import { systemClock } from '../../shared/clock.ts';
import { provingOf } from '../../shared/proving.ts';
import { createSecrets } from '../../shared/secrets/create-secrets.ts';
import { signInOf } from '../../shared/secrets/credential.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import type { Environment } from '../../shared/settings/table.ts';
import { checksOfRoute } from '../checks-of-route.ts';
import type { Kept } from './stored-delivery.ts';

/** The names of what the app checks of a delivery, in order: of the very checks, none of which is ever run here. */
export function knownChecks(
  environment: Environment,
): (delivery: Pick<Kept, 'method' | 'target'>) => readonly string[] {
  const settings = readSettings(environment);
  const note = () => {};
  const rings = createSecrets(settings, { clock: systemClock, note, signIn: signInOf(settings) });
  const proving = provingOf(settings, rings, systemClock, note);
  return ({ method, target }) => {
    if (!URL.canParse(target, 'http://localhost')) return [];
    const checks = checksOfRoute(proving, method, new URL(target, 'http://localhost'))?.checks ?? [];
    return checks.map(({ name }) => name);
  };
}
