import { providers } from '../shared/providers/index.ts';
import type { Route } from '../shared/providers/provider.ts';

/** The functions of a sender, and the settings of which one enables them. */
export type Registration = { readonly enabledBy: readonly string[]; readonly routes: readonly Route[] };

/**
 * What there is to register. `npm run build` replaces this file by its value, so that a start that waits
 * for the registration loads none of the senders' code.
 */
export const registrations: readonly Registration[] = providers.map(({ enabledBy, routes }) => ({
  enabledBy,
  routes,
}));
