import { settingsTable } from '../shared/settings.ts';
import type { Environment } from '../shared/settings.ts';
import type { Acs } from './stand-ins/acs.ts';
import type { Azure } from './stand-ins/azure.ts';

/** The name of the secret that signs callback keys, in the stand-in's vault. */
export const CALLBACK_SECRET = 'callback-key';

/**
 * The settings of an app that a call is played to: the stand-ins, and none of the caller's own, so that nothing real is
 * reached by accident.
 */
export function playEnvironment(own: Environment, acs: Acs, azure: Azure): Environment {
  const others = Object.entries(own).filter(
    ([name]) => !Object.hasOwn(settingsTable, name) && !name.startsWith('SECRET_'),
  );
  return {
    ...Object.fromEntries(others),
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    ACS_RESOURCE_ID: acs.resourceId,
    ACS_ISSUER: acs.issuer,
    ACS_OPENID_CONFIGURATION_URL: acs.openIdConfigurationUrl,
    CALLBACK_KEY_SECRET: CALLBACK_SECRET,
    ...azure.environment,
    // The stand-in sends from this machine.
    SOURCE_ADDRESS_RANGES: '127.0.0.0/8',
  };
}
