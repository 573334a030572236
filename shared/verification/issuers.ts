import type { Settings } from '../settings.ts';
import type { Issuer } from './discovery.ts';

/** Azure Communication Services: one issuer for all of its customers. */
export const callAutomationIssuer = (settings: Settings): Issuer => ({
  issuer: settings.ACS_ISSUER,
  openIdConfigurationUrl: settings.ACS_OPENID_CONFIGURATION_URL,
});

/** The Entra tenant of Event Grid's tokens, if one is configured. Both forms of the issuer have the same keys. */
export function entraIssuer(settings: Settings): Issuer | undefined {
  const { EVENT_GRID_TENANT_ID: tenant, EVENT_GRID_AUTHORITY: authority } = settings;
  if (!tenant) return undefined;
  const issuer = `${authority}/${tenant}/v2.0`;
  return { issuer, openIdConfigurationUrl: `${issuer}/.well-known/openid-configuration` };
}
