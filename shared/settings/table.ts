import { cloudOfHost, cloudOfUrl } from './clouds.ts';
import type { CloudName } from './clouds.ts';
import { baseUrl, hostName, integer, list, oneOf, range, serviceUrl } from './parse.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One setting: its documentation, its parser, and what it must agree with. */
export type SettingRow<Value = unknown> = {
  readonly meaning: string;
  /** Without it the default is the example. */
  readonly example?: string;
  /** Text that is parsed where the setting is absent; without it an absent setting is `undefined`. */
  readonly default?: string;
  /** Throws an Error whose message completes "<name> …" and says how to fix it. */
  readonly parse: (text: string) => Value;
  /** Its sender needs it, except in Development: what to set it to. */
  readonly required?: string;
  /** The setting has no use without others: of each list one must be set. */
  readonly needs?: readonly (readonly string[])[];
  /** The value is an address of this scheme; plain http or ws only on loopback in Development. */
  readonly scheme?: 'https' | 'wss';
  /** The cloud of Azure that a value belongs to, where it shows one. All settings should show the same. */
  readonly cloud?: (value: string) => CloudName | undefined;
  /** The value is the name of a secret. */
  readonly namesSecret?: true;
  /** Which program reads it on Azure; without it the app alone. */
  readonly readBy?: 'media' | 'both';
  /** What sets it on Azure: the templates of infra/, or the platform; without it the operator. */
  readonly setBy?: 'deployment' | 'platform';
};
export type SettingRows = Readonly<Record<string, SettingRow>>;

export const row = <const Given extends SettingRow>(given: Given) => given;

/** The values of rows: one where there is a setting or a default, else `undefined`. */
export type SettingValues<Rows extends SettingRows> = {
  readonly [Name in keyof Rows]:
    ReturnType<Rows[Name]['parse']> | (Rows[Name] extends { default: string } ? never : undefined);
};

/** Whether a setting is present, faulty or not. */
export type IsSet = (name: string) => boolean;

/** What the public URLs of this app begin with: one of these. */
export const BASE_URL = ['CALLBACK_BASE_URL', 'WEBSITE_HOSTNAME'] as const;

/** The settings that belong to no single sender. */
export const coreRows = {
  AZURE_FUNCTIONS_ENVIRONMENT: row({
    meaning:
      '`Development` allows http on loopback and secrets from settings; set by the platform, not by you',
    example: 'Development',
    default: 'Production',
    parse: String,
    setBy: 'platform',
  }),
  CALLBACK_BASE_URL: row({
    meaning:
      'The public address of this app, with which callback URIs begin. Without it: `https://$WEBSITE_HOSTNAME`',
    example: 'https://calls.example.com',
    parse: baseUrl,
    scheme: 'https',
    cloud: cloudOfUrl,
  }),
  WEBSITE_HOSTNAME: row({
    meaning: 'The host name that the platform gave the app; set by the platform, not by you',
    example: 'ringward.azurewebsites.net',
    parse: hostName,
    setBy: 'platform',
    cloud: cloudOfHost,
  }),
  KEY_VAULT_URL: row({
    meaning: 'The Key Vault that holds the secrets',
    example: 'https://ringward.vault.azure.net',
    parse: serviceUrl('https://<name>.vault.azure.net'),
    scheme: 'https',
    readBy: 'both',
    setBy: 'deployment',
    cloud: cloudOfUrl,
  }),
  AZURE_CLIENT_ID: row({
    meaning:
      'The client id of the user-assigned identity that the app signs in as; without it the system-assigned one',
    example: '11111111-2222-3333-4444-555555555555',
    parse: String,
    readBy: 'both',
    setBy: 'deployment',
  }),
  IDENTITY_ENDPOINT: row({
    meaning: 'The address of the managed identity endpoint; set by the platform, not by you',
    example: 'http://localhost:8081/msi/token',
    parse: String,
    setBy: 'platform',
  }),
  PORT: row({
    meaning: 'The port of the media host',
    default: '8080',
    parse: integer(0, 65_535),
    readBy: 'media',
    setBy: 'deployment',
  }),
  MEDIA_MAX_SOCKETS: row({
    meaning: 'How many media sockets one instance holds; more are answered 503',
    default: '1000',
    parse: integer(1, 100_000),
    readBy: 'media',
  }),
  MEDIA_MAX_UNPROVED: row({
    meaning:
      'How many connections to the media host may be unverified; one more closes the oldest that has sent no request',
    default: '1000',
    parse: integer(10, 100_000),
    readBy: 'media',
  }),
  MEDIA_HEADER_SECONDS: row({
    meaning: 'How long a connection to the media host may take to send its request, in seconds',
    default: '10',
    parse: integer(1, 120),
    readBy: 'media',
  }),
  MEDIA_MAX_FRAME_BYTES: row({
    meaning: 'The largest frame that a media socket takes, in bytes; a larger one closes it with 1009',
    default: '65536',
    parse: integer(1024, 16 * 2 ** 20),
    readBy: 'media',
  }),
  MEDIA_MAX_FRAMES_PER_SECOND: row({
    meaning: 'How many frames a second are read from a media socket; the sender waits with the rest',
    default: '500',
    parse: integer(1, 100_000),
    readBy: 'media',
  }),
  MEDIA_MAX_QUEUED_BYTES: row({
    meaning: 'How many bytes may wait for the handler of a media socket; the sender waits with the rest',
    default: '262144',
    parse: integer(1024, 64 * 2 ** 20),
    readBy: 'media',
  }),
  MEDIA_HEARTBEAT_SECONDS: row({
    meaning:
      'How long a media socket may be silent before it is pinged, in seconds; it is closed after the same time again',
    default: '30',
    parse: integer(1, 600),
    readBy: 'media',
  }),
  MEDIA_IDLE_SECONDS: row({
    meaning:
      'How long a media socket stays open without a frame, or with a handler that reads none, in seconds: longer than a silence in a transcription',
    default: '600',
    parse: integer(1, 86_400),
    readBy: 'media',
  }),
  MEDIA_STOP_GRACE_SECONDS: row({
    meaning: 'How long open media sockets may continue when the host stops, in seconds',
    default: '20',
    parse: integer(0, 600),
    readBy: 'media',
  }),
  SOURCE_ADDRESSES: row({
    meaning:
      "Requests from outside the sender's published address ranges: `off` (not checked), `report` (logged) or `enforce` (refused with 403)",
    default: 'report',
    parse: oneOf('off', 'report', 'enforce'),
    readBy: 'both',
  }),
  SOURCE_ADDRESS_RANGES: row({
    meaning: 'Further ranges to accept, in CIDR form, separated by commas',
    example: '203.0.113.0/24,2001:db8::/32',
    default: '',
    parse: list(range),
    readBy: 'both',
  }),
  TRUSTED_PROXY_HOPS: row({
    meaning: 'How many proxies of yours append to X-Forwarded-For: 1 is the front end of App Service alone',
    default: '1',
    parse: integer(1, 10),
    readBy: 'both',
  }),
  LEDGER: row({
    meaning:
      'Where handled events are recorded: `table` (Azure Table Storage, for any number of instances) or `memory` (one instance, lost when it ends). Without it: `table`, but `memory` in Development where LEDGER_TABLE_URL is not set',
    example: 'table',
    parse: oneOf('table', 'memory'),
    readBy: 'both',
    setBy: 'deployment',
  }),
  LEDGER_TABLE_URL: row({
    meaning:
      'The table service of a storage account, for `LEDGER=table`. In Development a loopback address means Azurite, with its well-known key',
    example: 'https://ringward.table.core.windows.net',
    parse: baseUrl,
    scheme: 'https',
    readBy: 'both',
    setBy: 'deployment',
    cloud: cloudOfUrl,
  }),
  LEDGER_OUTAGE: row({
    meaning:
      'Deliveries while the table is not available: `proceed` (handled at least once, by what each instance knows itself) or `refuse` (503: the sender retries)',
    default: 'proceed',
    parse: oneOf('proceed', 'refuse'),
  }),
  LEDGER_LEASE_SECONDS: row({
    meaning: 'How long an event stays leased after its instance crashed, in seconds',
    default: '8',
    parse: integer(1, 300),
    readBy: 'both',
  }),
  DELIVERY_LOG: row({
    meaning:
      'What deliveries leave in the log: `all` (a short entry each), `exceptions` (an entry only where one was refused, failed, was slow or reported something; metrics count the rest) or `full` (each with its times and the names and ages of its token, for `npm run doctor -- --observe`; refusals are not summed, so set it for a while only)',
    default: 'all',
    parse: oneOf('all', 'exceptions', 'full'),
    readBy: 'both',
  }),
  CLOCK_TOLERANCE_SECONDS: row({
    meaning: "How far the sender's clock may differ from ours, in seconds",
    default: '60',
    parse: integer(0, 300),
    readBy: 'both',
  }),
  KEY_SET_MAX_STALE_SECONDS: row({
    meaning:
      'How long the last known keys of an issuer, and secrets of the vault, serve while they cannot be fetched, in seconds',
    default: '86400',
    parse: integer(60, 7 * 86400),
    readBy: 'both',
  }),
  HANDLER_TIMEOUT_SECONDS: row({
    meaning:
      'How long the checks and the handlers of a request may take together once its body is read, in seconds; the body itself may take five more. A sender that acts on the response has a shorter limit of its own',
    default: '20',
    // The platform ends a request after 230 seconds.
    parse: integer(1, 220),
    readBy: 'both',
  }),
};

export type CoreSettings = SettingValues<typeof coreRows> & {
  /** Development only: a secret by the name that it would have in a vault. */
  readonly developmentSecret: (name: string) => string | undefined;
};

export const isDevelopment = (settings: Pick<CoreSettings, 'AZURE_FUNCTIONS_ENVIRONMENT'>) =>
  settings.AZURE_FUNCTIONS_ENVIRONMENT === 'Development';

/** A value to show in documentation. */
export const exampleOf = (of: SettingRow) => of.example ?? of.default ?? '';

/** A table serves any number of instances, so it is the default wherever something is deployed. */
export const ledgerOf = (settings: CoreSettings): 'table' | 'memory' =>
  settings.LEDGER ?? (isDevelopment(settings) && !settings.LEDGER_TABLE_URL ? 'memory' : 'table');

export function isLoopback(address: string): boolean {
  const { hostname } = new URL(address);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** The setting that replaces a vault's secret in Development. */
export const secretSetting = (name: string) => `SECRET_${name.toUpperCase().replaceAll('-', '_')}`;

/** The public address of the app, if it is known. */
export const baseUrlOf = ({
  CALLBACK_BASE_URL: url,
  WEBSITE_HOSTNAME: host,
}: Pick<CoreSettings, 'CALLBACK_BASE_URL' | 'WEBSITE_HOSTNAME'>) => url ?? (host && `https://${host}`);
