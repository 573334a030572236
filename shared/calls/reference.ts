import { randomBytes } from 'node:crypto';

/** 128 random bits in base64url: what ties a call's callbacks, tokens and sockets together. */
export const newReference = () => randomBytes(16).toString('base64url');

/** 16 bytes leave four unused bits in the last of 22 characters; only the spelling with zeros there counts. */
export const isReference = (text: string) => /^[A-Za-z0-9_-]{21}[AQgw]$/.test(text);

/** The name under which the ledger binds a reference to its call. */
export const referenceBinding = (reference: string) => `reference:${reference}`;
