import type { Clock } from '../clock.ts';
import type { Check } from './check.ts';
import type { KeySet } from './key-set.ts';
import { bearerToken, verifyRs256Token } from './jwt.ts';
import type { ClaimRules } from './claims.ts';

/**
 * Microsoft's documentation speaks of an "Authentication header" while every sample of theirs reads `Authorization`;
 * so the former counts, but only where the latter is absent.
 */
const HEADERS = ['authorization', 'authentication'];

/**
 * The token that Call Automation sends with each request: signed by one issuer for all customers of Azure Communication
 * Services, so that the audience, not the signature, tells whose call it is about.
 *
 * Source: https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
 */
export function callAutomationToken(options: { rules: ClaimRules; keys: KeySet; clock: Clock }): Check {
  const { rules, keys, clock } = options;
  return {
    name: 'call-automation-token',
    run: ({ headers }, signal) => verifyRs256Token(bearerToken(headers, HEADERS), rules, keys, clock, signal),
  };
}
