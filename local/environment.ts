import { settingsTable } from '../shared/settings/settings.ts';
import type { Environment } from '../shared/settings/table.ts';
import type { FakeCloud } from './fake-cloud.ts';

/**
 * The settings of an app that is played to: the fakes, and none of the caller's own, so that nothing real is reached
 * by accident.
 *
 * @param baseUrl where the app will listen
 * @param mediaUrl where the media host will, if there is one
 */
export function rehearsalEnvironment(
  own: Environment,
  cloud: FakeCloud,
  baseUrl: string,
  mediaUrl?: string,
): Environment {
  const others = Object.entries(own).filter(
    ([name]) => !Object.hasOwn(settingsTable, name) && !name.startsWith('SECRET_'),
  );
  const { acs, azure, callAutomation, entra, eventGrid, secretNames, vonage } = cloud;
  return {
    ...Object.fromEntries(others),
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    ...azure.environment,
    ACS_RESOURCE_ID: acs.resourceId,
    ACS_ISSUER: acs.issuer,
    ACS_OPENID_CONFIGURATION_URL: acs.openIdConfigurationUrl,
    ACS_ENDPOINT: callAutomation.endpoint,
    CALLBACK_BASE_URL: baseUrl,
    ...(mediaUrl && { MEDIA_URL: mediaUrl, MEDIA_STOP_GRACE_SECONDS: '0' }),
    CALLBACK_KEY_SECRET: secretNames.callback,
    EVENT_GRID_KEY_SECRET: secretNames.eventGrid,
    EVENT_GRID_TENANT_ID: entra.tenantId,
    EVENT_GRID_AUTHORITY: entra.authority,
    EVENT_GRID_AUDIENCE: eventGrid.audience,
    EVENT_GRID_SUBSCRIPTIONS: eventGrid.subscription,
    EVENT_GRID_TOPICS: eventGrid.topic,
    VONAGE_PROJECTS: `${vonage.apiKey}:${vonage.applicationId}`,
    // The fakes send from this machine.
    SOURCE_ADDRESS_RANGES: '127.0.0.0/8',
  };
}
