import type { TrustedIssuer } from '../../../shared/providers/provider.ts';
import { settingsTable } from '../../../shared/settings/settings.ts';
import type { SettingRow } from '../../../shared/settings/table.ts';
import { keyFetcher } from '../../../shared/verification/discovery.ts';
import { canAsk } from '../context.ts';
import type { Context } from '../context.ts';
import { fault, well } from '../finding.ts';
import type { Finding } from '../finding.ts';
import { sendersOf } from '../../../local/senders.ts';

/** Discovery and key sets of every issuer that the senders trust, fetched as the app fetches them. */
export async function checkKeys(context: Context): Promise<Finding[]> {
  const issuers = trustedIssuers(context).filter(({ settings, openIdConfigurationUrl }) =>
    settings.every((name) => canAsk(context, name, openIdConfigurationUrl)),
  );
  return Promise.all(issuers.map((issuer) => checkIssuer(context, issuer)));
}

/** The issuers whose key sets the senders ask for. */
function trustedIssuers({ settings, clock }: Context): readonly TrustedIssuer[] {
  const issuers: TrustedIssuer[] = [];
  sendersOf(settings, {
    clock,
    note: () => {},
    change: (platform) => ({
      ...platform,
      keySet(issuer) {
        issuers.push(issuer);
        return platform.keySet(issuer);
      },
    }),
  });
  return issuers;
}

async function checkIssuer({ clock, fetch }: Context, issuer: TrustedIssuer): Promise<Finding> {
  const check = `keys of ${issuer.name}`;
  const { host } = new URL(issuer.openIdConfigurationUrl);
  try {
    const { size } = await keyFetcher(issuer, clock, fetch)();
    return well(check, `${size} at ${host}`);
  } catch (thrown) {
    const rows: Readonly<Record<string, SettingRow>> = settingsTable;
    const haveDefaults = issuer.settings.every((name) => rows[name]?.default !== undefined);
    const which =
      issuer.settings.join(' and ') + (haveDefaults ? ' (leave them empty for their defaults)' : '');
    // A FetchFailure: which document and what is wrong with it, and nothing of its content.
    return fault(
      check,
      (thrown as Error).message,
      `check ${which}, and that this network lets requests out to ${host}`,
    );
  }
}
