/** Named so that no peer takes them for settings of its own. */
const given = (name: string) => process.env[`BENCH_${name}`] ?? '';

/** Where the issuer is and what its tokens say, as the process was told. */
export const issuer = {
  issuer: given('ISSUER'),
  configurationUrl: given('CONFIGURATION_URL'),
  jwksUri: given('JWKS_URI'),
  audience: given('AUDIENCE'),
};

/** The settings of Ringward for it. */
export const ringwardEnvironment = () => ({
  AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
  ACS_RESOURCE_ID: issuer.audience,
  ACS_ISSUER: issuer.issuer,
  ACS_OPENID_CONFIGURATION_URL: issuer.configurationUrl,
  CALLBACK_BASE_URL: 'https://app.example',
  CALLBACK_KEY_SECRET: 'callback-key',
  SECRET_CALLBACK_KEY: given('SECRET'),
  // The generator sends from this machine, and stands for a genuine sender.
  SOURCE_ADDRESS_RANGES: '127.0.0.0/8',
});
