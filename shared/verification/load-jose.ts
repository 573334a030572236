import { once } from '../once.ts';

/**
 * jose, evaluated with the first keys and not at the start, so that an app has registered its functions sooner. It lies
 * in the bundle beside everything else, so it cannot be missing when it is needed.
 */
export const loadJose = once(() => import('./jose.ts'));
