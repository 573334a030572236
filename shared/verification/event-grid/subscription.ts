import { reject } from '../../errors.ts';
import type { Check } from '../check.ts';

/**
 * Checks the name of the event subscription against the allowed ones. Event Grid writes it in upper case.
 * https://learn.microsoft.com/azure/event-grid/event-schema-subscription-validation
 *
 * @param required whether a request without a name is rejected: Event Grid sends the name with every POST
 */
export function subscriptionName(allowed: readonly string[], { required }: { required: boolean }): Check {
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  return {
    name: 'subscription',
    async run({ headers }) {
      const name = headers.get('aeg-subscription-name');
      if (name === null && !required) return {};
      if (name === null || !names.has(name.toLowerCase())) reject('subscription-not-allowed');
      return {};
    },
  };
}
