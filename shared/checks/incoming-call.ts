import type { Proving } from '../proving.ts';
import type { Check } from '../verification/check.ts';
import { entraToken } from '../verification/event-grid/entra-token.ts';
import { subscriptionName } from '../verification/event-grid/subscription.ts';
import { webhookRequest } from '../verification/event-grid/webhook-request.ts';
import { sharedKey } from '../verification/shared-key.ts';

/** Of `POST /api/events/incoming-call`, in their order: of the credentials, each one that is configured. */
export const incomingCallChecks = (proving: Proving): readonly Check[] => [
  ...nameCheck(proving, { required: true }),
  ...keyCheck(proving),
  ...entraCheck(proving),
];

/** Of `OPTIONS` there. Whether this handshake carries a token is documented nowhere, so it is not asked for. */
export const permissionChecks = (proving: Proving): readonly Check[] => [
  ...nameCheck(proving, { required: false }),
  ...keyCheck(proving),
  webhookRequest,
];

function nameCheck({ settings }: Proving, options: { required: boolean }): readonly Check[] {
  const { EVENT_GRID_SUBSCRIPTIONS: names } = settings;
  return names ? [subscriptionName(names, options)] : [];
}

const keyCheck = ({ eventGridSecret: ring }: Proving): readonly Check[] => (ring ? [sharedKey(ring)] : []);

function entraCheck({ settings, entraKeys, clock }: Proving): readonly Check[] {
  const { EVENT_GRID_TENANT_ID: tenantId, EVENT_GRID_AUDIENCE: audiences } = settings;
  if (!entraKeys || !tenantId || !audiences) return [];
  const rules = {
    tenantId,
    audiences,
    senderAppId: settings.EVENT_GRID_SENDER_APP_ID,
    authority: settings.EVENT_GRID_AUTHORITY,
    toleranceSeconds: settings.CLOCK_TOLERANCE_SECONDS,
  };
  return [entraToken({ rules, keys: entraKeys, clock })];
}
