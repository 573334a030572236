import { keyFetcher } from '../../../shared/verification/discovery.ts';
import type { Issuer } from '../../../shared/verification/discovery.ts';
import { callAutomationIssuer, entraIssuer } from '../../../shared/verification/issuers.ts';
import { fault, well } from '../finding.ts';
import type { Finding } from '../finding.ts';
import { canAsk } from '../context.ts';
import type { Context } from '../context.ts';

/** Discovery and key sets, fetched as the app fetches them. */
export async function checkKeys(context: Context): Promise<Finding[]> {
  const { settings } = context;
  const entra = entraIssuer(settings);
  const asked: Promise<Finding>[] = [];
  if (
    settings.ACS_RESOURCE_ID &&
    canAsk(context, 'ACS_OPENID_CONFIGURATION_URL', settings.ACS_OPENID_CONFIGURATION_URL)
  ) {
    asked.push(
      keysOf(
        context,
        'keys of Call Automation',
        callAutomationIssuer(settings),
        'ACS_ISSUER and ACS_OPENID_CONFIGURATION_URL (leave both empty for the public cloud)',
      ),
    );
  }
  if (entra && canAsk(context, 'EVENT_GRID_AUTHORITY', settings.EVENT_GRID_AUTHORITY)) {
    const mend = 'EVENT_GRID_TENANT_ID and EVENT_GRID_AUTHORITY';
    asked.push(keysOf(context, 'keys of Entra', entra, mend));
  }
  return Promise.all(asked);
}

async function keysOf(
  { clock, fetch }: Context,
  check: string,
  issuer: Issuer,
  of: string,
): Promise<Finding> {
  try {
    const { size } = await keyFetcher(issuer, clock, fetch)();
    return well(check, `${size} at ${new URL(issuer.openIdConfigurationUrl).host}`);
  } catch (thrown) {
    // A FetchFailure: which document and what is wrong with it, and nothing of its content.
    return fault(
      check,
      (thrown as Error).message,
      `check ${of}, and that this network lets requests out to ${new URL(issuer.openIdConfigurationUrl).host}`,
    );
  }
}
