import type { Clock } from '../../clock.ts';
import type { RuleMode } from '../../delivery/replay.ts';
import { reject } from '../../errors.ts';
import type { Reason } from '../../reasons.ts';
import type { Check } from '../../verification/check.ts';
import { bearerToken, verifyRs256Token } from '../../verification/jwt.ts';
import type { KeySet } from '../../verification/key-set.ts';
import type { JsonObject } from '../../verification/strict-json.ts';
import { cloudOf, isEventGridOrigin } from './clouds.ts';

export type EntraRules = {
  readonly tenantId: string;
  /** Client id or App ID URI of the app registration of this endpoint. */
  readonly audiences: readonly string[];
  /** Event Grid's own application. Without it that of the cloud, where that is known; otherwise no token passes. */
  readonly senderAppId?: string | undefined;
  /** Of the cloud, such as `https://login.microsoftonline.com`. */
  readonly authority: string;
  /** What a token without the app role is: reported, or refused. */
  readonly role: RuleMode;
  readonly toleranceSeconds: number;
};

/**
 * The app role of Event Grid's application. The creator of the subscription has it as well, so it counts only together
 * with the application. A real delivery without it is known.
 */
const ROLE = 'AzureEventGridSecureWebhookSubscriber';

/**
 * The Entra token of a protected delivery. Event Grid uses one token for many deliveries over hours, so its life has no
 * limit of ours.
 * https://learn.microsoft.com/azure/event-grid/secure-webhook-delivery
 */
export function entraToken(options: { rules: EntraRules; keys: KeySet; clock: Clock }): Check {
  const { rules, keys, clock } = options;
  const { tenantId, audiences, authority, toleranceSeconds } = rules;
  const { issuerV1, issuerV2, eventGridAppId } = cloudOf(authority);
  const senderAppId = rules.senderAppId ?? eventGridAppId;
  const claimRules = {
    issuers: [`${issuerV1}/${tenantId}/`, `${issuerV2}/${tenantId}/v2.0`],
    audiences,
    toleranceSeconds,
    others: (claims: JsonObject) => checkSender(claims, { ...rules, senderAppId }),
  };
  return {
    name: 'entra-token',
    async run({ headers }, signal) {
      const text = bearerToken(headers, ['authorization']);
      // Without `token`: many deliveries carry the same one, so the replay rule for tokens does not apply.
      const { token: _, ...proof } = await verifyRs256Token(text, claimRules, keys, clock, signal);
      return proof;
    },
  };
}

function checkSender(claims: JsonObject, { tenantId, senderAppId, role }: EntraRules): readonly Reason[] {
  if (claims['tid'] !== tenantId) reject('token-tenant');
  // Tokens of version 1 name the application in `appid`, those of version 2 in `azp`.
  const application = claims['appid'] ?? claims['azp'];
  if (senderAppId === undefined || application !== senderAppId) reject('token-application');
  const { roles } = claims;
  if (Array.isArray(roles) && roles.includes(ROLE)) return [];
  return role === 'enforce' ? reject('token-role') : ['token-role'];
}

/**
 * Checks the name of the event subscription against the allowed ones. Event Grid writes it in upper case.
 * https://learn.microsoft.com/azure/event-grid/event-schema-subscription-validation
 *
 * @param required whether a request without a name is rejected: Event Grid sends the name with every POST
 */
export function subscriptionName(allowed: readonly string[], { required }: { required: boolean }): Check {
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  return {
    name: 'subscription',
    async run({ headers }) {
      const name = headers.get('aeg-subscription-name');
      if (name === null && !required) return {};
      if (name === null || !names.has(name.toLowerCase())) reject('subscription-not-allowed');
      return {};
    },
  };
}

/** The OPTIONS handshake where no shared key is configured: nothing in it would authenticate the sender. */
export const noSharedKey: Check = {
  name: 'shared-key',
  run: async () => reject('shared-key-not-configured'),
};

/**
 * The handshake of the CloudEvents web hook: OPTIONS with the origin that wants to deliver and its rate. It does not
 * authenticate the sender. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md
 */
export const webhookRequest: Check = {
  name: 'webhook-request',
  async run({ headers }) {
    if (!isEventGridOrigin(headers.get('webhook-request-origin') ?? '')) reject('webhook-origin');
    const rate = headers.get('webhook-request-rate');
    if (rate !== null && !isRate(rate)) reject('webhook-rate');
    return {};
  },
};

/** Deliveries a minute, or `*` for no limit. */
const isRate = (text: string) => text === '*' || /^[1-9]\d{0,8}$/.test(text);
