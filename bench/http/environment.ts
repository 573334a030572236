import type { Issuer } from '../verifiers/verifier.ts';

/** Named so that no peer takes them for settings of its own. */
const variable = (name: string) => process.env[`BENCH_${name}`] ?? '';

/** The issuer of http/sender.ts, in the processes that get its variables. */
export const issuer: Issuer = {
  issuer: variable('ISSUER'),
  configurationUrl: variable('CONFIGURATION_URL'),
  jwksUri: variable('JWKS_URI'),
  audience: variable('AUDIENCE'),
};

/** The settings of Ringward for that issuer. */
export const ringwardEnvironment = () => ({
  AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
  ACS_RESOURCE_ID: issuer.audience,
  ACS_ISSUER: issuer.issuer,
  ACS_OPENID_CONFIGURATION_URL: issuer.configurationUrl,
  CALLBACK_BASE_URL: 'https://app.example',
  CALLBACK_KEY_SECRET: 'callback-key',
  SECRET_CALLBACK_KEY: variable('SECRET'),
  // The sender of the bench runs on this machine.
  SOURCE_ADDRESS_RANGES: '127.0.0.0/8',
});
