import {
  baseUrl,
  hostName,
  integer,
  list,
  oneOf,
  range,
  secretName,
  serviceUrl,
  webSocketUrl,
} from './parse.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One setting: its documentation, its parser, and what it must agree with. */
export type SettingRow<Value = unknown> = {
  readonly meaning: string;
  /** Without it the default is the example. */
  readonly example?: string;
  /** Text that is parsed where the setting is absent; without it an absent setting is `undefined`. */
  readonly default?: string;
  /** Throws an Error whose message completes "<name> …" and says how to mend it. */
  readonly parse: (text: string) => Value;
  /** The setting has no use without others: of each list one must be set. */
  readonly needs?: readonly (readonly string[])[];
  /** The value is an address of this scheme; plain http or ws only on loopback in Development. */
  readonly scheme?: 'https' | 'wss';
  /** The value is the name of a secret. */
  readonly namesSecret?: true;
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

/** What callback URIs begin with: one of these. */
const BASE_URL = ['CALLBACK_BASE_URL', 'WEBSITE_HOSTNAME'] as const;

/** The settings that belong to no single sender. */
export const coreRows = {
  AZURE_FUNCTIONS_ENVIRONMENT: row({
    meaning:
      '`Development` allows http on loopback and secrets from settings; set by the platform, not by you',
    example: 'Development',
    default: 'Production',
    parse: String,
  }),
  ACS_ENDPOINT: row({
    meaning: 'Your Communication Services resource; enables answering and placing calls',
    example: 'https://ringward.communication.azure.com',
    parse: serviceUrl('https://<name>.communication.azure.com'),
    needs: [['ACS_RESOURCE_ID'], BASE_URL],
    scheme: 'https',
  }),
  ACS_CONNECTION_STRING_SECRET: row({
    meaning:
      'The name of the secret with the connection string of that resource; without it the app signs in as itself',
    example: 'acs-connection-string',
    parse: secretName,
    needs: [['ACS_ENDPOINT']],
    namesSecret: true,
  }),
  MEDIA_URL: row({
    meaning: 'The address of the media host, which live audio and text of a call are sent to, with a ticket',
    example: 'wss://media.example.com/media',
    parse: webSocketUrl,
    needs: [['ACS_ENDPOINT']],
    scheme: 'wss',
  }),
  CALLBACK_BASE_URL: row({
    meaning:
      'The public address of this app, which callback URIs begin with. Without it: `https://$WEBSITE_HOSTNAME`',
    example: 'https://calls.example.com',
    parse: baseUrl,
    scheme: 'https',
  }),
  WEBSITE_HOSTNAME: row({
    meaning: 'The host name that the platform gave the app; set by the platform, not by you',
    example: 'ringward.azurewebsites.net',
    parse: hostName,
  }),
  KEY_VAULT_URL: row({
    meaning: 'The vault that the secrets are in',
    example: 'https://ringward.vault.azure.net',
    parse: serviceUrl('https://<name>.vault.azure.net'),
    scheme: 'https',
  }),
  AZURE_CLIENT_ID: row({
    meaning:
      'The client id of the user-assigned identity that the app signs in as; without it the system-assigned one',
    example: '11111111-2222-3333-4444-555555555555',
    parse: String,
  }),
  IDENTITY_ENDPOINT: row({
    meaning: 'Where the app signs in as itself; set by the platform, not by you',
    example: 'http://localhost:8081/msi/token',
    parse: String,
  }),
  CALLBACK_KEY_SECRET: row({
    meaning: 'The name of the secret that signs callback keys',
    example: 'callback-key',
    parse: secretName,
    needs: [['ACS_RESOURCE_ID']],
    namesSecret: true,
  }),
  CALLBACK_KEY_TTL_SECONDS: row({
    meaning: 'How long a callback key opens the door, in seconds: longer than your longest call',
    example: '86400',
    default: '86400',
    parse: integer(60, 2 * 86400),
  }),
  PORT: row({
    meaning: 'Where the media host listens',
    example: '8080',
    default: '8080',
    parse: integer(0, 65_535),
  }),
  MEDIA_MAX_SOCKETS: row({
    meaning: 'How many media sockets one instance holds; more are answered 503',
    example: '1000',
    default: '1000',
    parse: integer(1, 100_000),
  }),
  MEDIA_MAX_UNPROVED: row({
    meaning:
      'How many connections to the media host may be not yet proved; more push out the oldest that has sent no request',
    example: '1000',
    default: '1000',
    parse: integer(10, 100_000),
  }),
  MEDIA_HEADER_SECONDS: row({
    meaning: 'How long a connection to the media host may take to send its request, in seconds',
    example: '10',
    default: '10',
    parse: integer(1, 120),
  }),
  MEDIA_MAX_FRAME_BYTES: row({
    meaning: 'The largest frame that a media socket takes, in bytes; a larger one closes it with 1009',
    example: '65536',
    default: '65536',
    parse: integer(1024, 16 * 2 ** 20),
  }),
  MEDIA_MAX_FRAMES_PER_SECOND: row({
    meaning: 'How many frames are taken from a media socket in a second; the rest waits with the sender',
    example: '500',
    default: '500',
    parse: integer(1, 100_000),
  }),
  MEDIA_MAX_QUEUED_BYTES: row({
    meaning: 'How many bytes wait for the handler of a media socket; the rest waits with the sender',
    example: '262144',
    default: '262144',
    parse: integer(1024, 64 * 2 ** 20),
  }),
  MEDIA_HEARTBEAT_SECONDS: row({
    meaning:
      'How long a media socket may be silent before it is asked for a sign of life, in seconds; it is closed after as long again',
    example: '30',
    default: '30',
    parse: integer(1, 600),
  }),
  MEDIA_IDLE_SECONDS: row({
    meaning:
      'How long a media socket stays open without a frame, or with a handler that takes none, in seconds: longer than a silence in a transcription',
    example: '600',
    default: '600',
    parse: integer(1, 86_400),
  }),
  MEDIA_STOP_GRACE_SECONDS: row({
    meaning: 'How long open media sockets may go on when the host is stopped, in seconds',
    example: '20',
    default: '20',
    parse: integer(0, 600),
  }),
  SOURCE_ADDRESSES: row({
    meaning:
      "What happens to requests from outside the sender's published address ranges: `off` (not looked at), `report` (logged) or `enforce` (refused with 403)",
    example: 'report',
    default: 'report',
    parse: oneOf('off', 'report', 'enforce'),
  }),
  SOURCE_ADDRESS_RANGES: row({
    meaning: 'Further ranges to accept, in CIDR form, separated by commas',
    example: '203.0.113.0/24,2001:db8::/32',
    default: '',
    parse: list(range),
  }),
  TRUSTED_PROXY_HOPS: row({
    meaning: 'How many proxies of yours append to X-Forwarded-For: 1 is the front end of App Service alone',
    example: '1',
    default: '1',
    parse: integer(1, 10),
  }),
  LEDGER: row({
    meaning:
      'What remembers the events that were handled: `table`, in Azure Table Storage, serves any number of instances; `memory` serves one and ends with it. Without it: `table`, but `memory` in Development where LEDGER_TABLE_URL is not set',
    example: 'table',
    parse: oneOf('table', 'memory'),
  }),
  LEDGER_TABLE_URL: row({
    meaning:
      'The table service of a storage account, for `LEDGER=table`. In Development a loopback address means Azurite, with its well-known key',
    example: 'https://ringward.table.core.windows.net',
    parse: baseUrl,
    scheme: 'https',
  }),
  LEDGER_OUTAGE: row({
    meaning:
      'What happens to deliveries while the table is out: `proceed` (handled at least once, by what each instance knows itself) or `refuse` (503: the sender comes again)',
    example: 'proceed',
    default: 'proceed',
    parse: oneOf('proceed', 'refuse'),
  }),
  LEDGER_LEASE_SECONDS: row({
    meaning: 'How long an event stays claimed after its instance crashed, in seconds',
    example: '8',
    default: '8',
    parse: integer(1, 300),
  }),
  CLOCK_TOLERANCE_SECONDS: row({
    meaning: "How far the sender's clock may differ from ours, in seconds",
    example: '60',
    default: '60',
    parse: integer(0, 300),
  }),
  KEY_SET_MAX_STALE_SECONDS: row({
    meaning:
      'How long the last known keys of an issuer, and secrets of the vault, serve while they cannot be fetched, in seconds',
    example: '86400',
    default: '86400',
    parse: integer(60, 7 * 86400),
  }),
  HANDLER_TIMEOUT_SECONDS: row({
    meaning:
      'How long the checks and the handlers of a request may take together once its body is here, in seconds; the body itself may take five more. At least 13: whoever meets a key that was just rotated waits ten seconds until its issuer may be asked again, and two for the answer',
    example: '20',
    default: '20',
    // The platform ends a request after 230 seconds.
    parse: integer(13, 220),
  }),
};

export type CoreSettings = SettingValues<typeof coreRows> & {
  /** Development only: a secret by the name that it would have in a vault. */
  readonly developmentSecret: (name: string) => string | undefined;
};

export const isDevelopment = (settings: Pick<CoreSettings, 'AZURE_FUNCTIONS_ENVIRONMENT'>) =>
  settings.AZURE_FUNCTIONS_ENVIRONMENT === 'Development';

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
