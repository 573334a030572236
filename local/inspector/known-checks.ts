import { systemClock } from '../../shared/clock.ts';
import { findEndpoint } from '../../shared/delivery/endpoint.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import type { Environment } from '../../shared/settings/table.ts';
import { sendersOf } from '../senders.ts';
import { urlOf } from './parse-delivery.ts';
import type { StoredDelivery } from './stored-delivery.ts';

/** The names of the checks of a delivery, in their order. They are the app's own checks, but none of them runs here. */
export function knownChecks(
  environment: Environment,
): (delivery: Pick<StoredDelivery, 'method' | 'target'>) => readonly string[] {
  const settings = readSettings(environment);
  const senders = sendersOf(settings, { clock: systemClock, note: () => {} });
  return ({ method, target }) => {
    const url = urlOf(target);
    if (!url) return [];
    for (const { endpoints, upgrade } of senders) {
      const { checks } =
        (upgrade && url.pathname === `/${upgrade.path}` ? upgrade : undefined) ??
        findEndpoint(endpoints, method, url) ??
        {};
      if (checks) return checks.map(({ name }) => name);
    }
    return [];
  };
}
