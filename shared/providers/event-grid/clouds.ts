import type { CloudName } from '../../settings/clouds.ts';

/** What differs between the clouds of Azure in a token that Event Grid sends. */
type Cloud = {
  readonly name?: CloudName;
  /** What the issuer of a token of version 1 begins with; the tenant follows. */
  readonly issuerV1: string;
  /** The same of version 2. */
  readonly issuerV2: string;
  /** Event Grid's own application. */
  readonly eventGridAppId?: string;
};

const PUBLIC: Cloud = {
  issuerV1: 'https://sts.windows.net',
  issuerV2: 'https://login.microsoftonline.com',
  eventGridAppId: '4962773b-9cdb-44cf-a8bf-237846a00ab7',
};

/** No document names the application of Event Grid in China. */
const CHINA: Cloud = {
  name: 'China',
  issuerV1: 'https://sts.chinacloudapi.cn',
  issuerV2: 'https://login.partner.microsoftonline.cn',
};

/**
 * The clouds by authority. China has two: the OpenID configuration of the older one names the issuer of the newer.
 * https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
 * https://learn.microsoft.com/azure/event-grid/secure-webhook-delivery
 */
const CLOUDS: Readonly<Record<string, Cloud>> = {
  'https://login.microsoftonline.com': { name: 'the public cloud', ...PUBLIC },
  'https://login.microsoftonline.us': {
    name: 'US Government',
    issuerV1: 'https://sts.windows.net',
    issuerV2: 'https://login.microsoftonline.us',
    eventGridAppId: '54316b56-3481-47f9-8f30-0300f5542a7b',
  },
  'https://login.partner.microsoftonline.cn': CHINA,
  'https://login.chinacloudapi.cn': CHINA,
};

/** The cloud of an authority. One that is not listed counts as the public cloud under another address. */
export const cloudOf = (authority: string): Cloud =>
  CLOUDS[authority.toLowerCase()] ?? { ...PUBLIC, issuerV2: authority };

/** The cloud that an application of Event Grid belongs to, where it is known. */
export const cloudOfApplication = (appId: string): CloudName | undefined =>
  Object.values(CLOUDS).find(({ eventGridAppId }) => eventGridAppId === appId)?.name;

/**
 * What Event Grid calls itself in a handshake, in each cloud. It authenticates nothing, so those of every cloud pass.
 * https://github.com/Azure/azure-functions-eventgrid-extension
 */
const ORIGINS = [
  'eventgrid.azure.net',
  'eventgrid.azure.us',
  'eventgrid.azure.cn',
  'eventgrid.azure.eaglex.ic.gov',
  'eventgrid.azure.microsoft.scloud',
];

export const isEventGridOrigin = (origin: string) => ORIGINS.includes(origin.toLowerCase());
