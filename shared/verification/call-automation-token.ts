import type { Clock } from '../clock.ts';
import type { Check } from './check.ts';
import type { ClaimRules } from './claims.ts';
import { bearerToken, verifyRs256Token } from './jwt.ts';
import type { KeySet } from './key-set.ts';

/**
 * Microsoft's documentation names an "Authentication header", but every sample reads `Authorization`. So `Authentication`
 * counts only where `Authorization` is absent.
 */
const HEADERS = ['authorization', 'authentication'];

/**
 * The token that Call Automation sends with each request. One issuer signs for all customers of Azure Communication
 * Services, so the audience, not the signature, says whose call the request is about.
 *
 * Source: https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
 */
export function callAutomationToken(options: { rules: ClaimRules; keys: KeySet; clock: Clock }): Check {
  const { rules, keys, clock } = options;
  return {
    name: 'call-automation-token',
    run: async ({ headers }, signal) =>
      verifyRs256Token(bearerToken(headers, HEADERS), rules, keys, clock, signal),
  };
}
