import type { Clock } from '../../clock.ts';
import type { Check } from '../check.ts';
import type { KeySet } from '../key-set.ts';
import { bearerToken, verifyRs256Token } from '../jwt.ts';
import type { JsonObject } from '../strict-json.ts';
import { reject } from '../check.ts';

export type EntraRules = {
  readonly tenantId: string;
  /** Client id or App ID URI of the app registration that stands for this endpoint. */
  readonly audiences: readonly string[];
  /** Event Grid's own application in that cloud. */
  readonly senderAppId: string;
  /** Such as `https://login.microsoftonline.com`. */
  readonly authority: string;
  readonly toleranceSeconds: number;
};

/**
 * The role that Event Grid's application is given. Whoever writes the subscription holds it as well, so it counts only
 * together with the application.
 */
const ROLE = 'AzureEventGridSecureWebhookSubscriber';

/**
 * The Entra token of a protected delivery. One token serves many deliveries for hours, so its life is not capped.
 * https://learn.microsoft.com/azure/event-grid/secure-webhook-delivery
 */
export function entraToken(options: { rules: EntraRules; keys: KeySet; clock: Clock }): Check {
  const { rules, keys, clock } = options;
  const { tenantId, audiences, authority, toleranceSeconds } = rules;
  const issuers = [`https://sts.windows.net/${tenantId}/`, `${authority}/${tenantId}/v2.0`];
  const claimRules = {
    issuers,
    audiences,
    toleranceSeconds,
    others: (claims: JsonObject) => checkSender(claims, rules),
  };
  return {
    name: 'entra-token',
    async run({ headers }, signal) {
      const text = bearerToken(headers, ['authorization']);
      // Not the token itself: one comes with many deliveries, so what is said of a token used twice says nothing here.
      const { token: _, ...proof } = await verifyRs256Token(text, claimRules, keys, clock, signal);
      return proof;
    },
  };
}

function checkSender(claims: JsonObject, { tenantId, senderAppId }: EntraRules): void {
  if (claims['tid'] !== tenantId) reject('token-tenant');
  // Tokens of version 1 name the application `appid`, those of version 2 `azp`.
  if ((claims['appid'] ?? claims['azp']) !== senderAppId) reject('token-application');
  const { roles } = claims;
  if (!Array.isArray(roles) || !roles.includes(ROLE)) reject('token-role');
}
