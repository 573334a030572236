import { once } from '../once.ts';

/**
 * jose, loaded with the first keys and not at the start: in the bundle of the app it would be a twentieth of the time until
 * the functions are registered. It is there before any key is, so no signature is checked without it; where it cannot be
 * loaded no key can be had, which is an outage.
 */
export const loadJose = once(() => import('./jose.ts'));
