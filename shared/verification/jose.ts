/*
 * What Ringward takes from jose. Loaded by `load-jose.ts` alone; `npm run build` makes a bundle of its own of this file.
 */
export { errors, flattenedVerify, importJWK } from 'jose';
