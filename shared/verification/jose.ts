/*
 * What Ringward takes from jose. Imported by `load-jose.ts` alone, when the first keys come.
 */
export { errors, flattenedVerify, importJWK } from 'jose';
