import { expect, test } from 'vitest';
import { readSettings } from '../../../shared/settings/settings.ts';
import { callAutomationIssuer, entraIssuer } from '../../../shared/verification/issuers.ts';
import { development, production } from '../../support/settings.ts';

test('Call Automation is one issuer for everybody, with a configuration under a path of its own', () => {
  expect(callAutomationIssuer(readSettings(production))).toEqual({
    issuer: 'https://acscallautomation.communication.azure.com',
    openIdConfigurationUrl:
      'https://acscallautomation.communication.azure.com/calling/.well-known/acsopenidconfiguration',
  });
});

test('a tenant has its own configuration, of version 2, at the authority of its cloud', () => {
  const tenant = '11111111-2222-3333-4444-555555555555';
  const entra = (more: Record<string, string>) =>
    entraIssuer(
      readSettings({
        ...development,
        EVENT_GRID_TENANT_ID: tenant,
        EVENT_GRID_AUDIENCE: 'api://ringward',
        EVENT_GRID_SUBSCRIPTIONS: 'calls',
        ...more,
      }),
    );
  const expected = (authority: string) => ({
    issuer: `${authority}/${tenant}/v2.0`,
    openIdConfigurationUrl: `${authority}/${tenant}/v2.0/.well-known/openid-configuration`,
  });
  expect(entra({})).toEqual(expected('https://login.microsoftonline.com'));
  const us = 'https://login.microsoftonline.us';
  expect(entra({ EVENT_GRID_AUTHORITY: us })).toEqual(expected(us));
});

test('without a tenant there is no issuer of its tokens', () => {
  expect(entraIssuer(readSettings(development))).toBeUndefined();
});
