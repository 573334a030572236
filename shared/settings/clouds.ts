/** A cloud of Azure, as messages call it. */
export type CloudName = 'the public cloud' | 'US Government' | 'China';

/** What the addresses of its services end in. A domain of yours belongs to no cloud. */
const DOMAINS: Readonly<Record<CloudName, readonly string[]>> = {
  'the public cloud': [
    'azurewebsites.net',
    'azurecontainerapps.io',
    'vault.azure.net',
    'core.windows.net',
    'communication.azure.com',
  ],
  'US Government': [
    'azurewebsites.us',
    'azurecontainerapps.us',
    'vault.usgovcloudapi.net',
    'core.usgovcloudapi.net',
    'communication.azure.us',
  ],
  China: ['chinacloudsites.cn', 'vault.azure.cn', 'core.chinacloudapi.cn'],
};

const names = Object.keys(DOMAINS) as CloudName[];

/** The cloud of a host name; `undefined` where the name shows none. */
export function cloudOfHost(host: string): CloudName | undefined {
  const name = host.toLowerCase();
  return names.find((cloud) => DOMAINS[cloud].some((domain) => name.endsWith(`.${domain}`)));
}

export const cloudOfUrl = (url: string) => cloudOfHost(new URL(url).hostname);
