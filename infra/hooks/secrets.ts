import { randomBytes } from 'node:crypto';
import type { Vault } from './vault.ts';

/** 256 bits, as long as the hash of HMAC-SHA256 (RFC 7518, section 3.2), in base64url: a query carries it unchanged. */
const newSecret = () => randomBytes(32).toString('base64url');

/**
 * Generates each secret that the vault does not have, and leaves the others alone: deploying again rotates nothing. A value
 * goes from here to the vault and nowhere else.
 *
 * @returns one line for each, without its value
 */
export async function generateSecrets(names: readonly string[], vault: Vault): Promise<readonly string[]> {
  const told: string[] = [];
  for (const name of names) {
    const isThere = await vault.has(name);
    if (!isThere) await vault.add(name, newSecret());
    told.push(isThere ? `${name} is in the vault already` : `${name} generated in the vault`);
  }
  return told;
}

/** The secrets of handlers that the vault does not have. Only their owner knows their values. */
export async function missingSecrets(names: readonly string[], vault: Vault): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const name of new Set(names)) if (!(await vault.has(name))) missing.push(name);
  return missing;
}
