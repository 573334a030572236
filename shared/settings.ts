import { contradictions } from './settings/contradictions.ts';
import {
  baseUrl,
  hostName,
  serviceUrl,
  url,
  webSocketUrl,
  armId,
  guid,
  integer,
  list,
  listed,
  oneOf,
  range,
  resourceId,
  secretName,
  vonageProject,
} from './settings/parse.ts';

/** The environment, or what stands in for it. */
export type Environment = Readonly<Record<string, string | undefined>>;

type Row<Value> = {
  readonly meaning: string;
  readonly example: string;
  /** Text that is parsed where the setting is absent; without it an absent setting is `undefined`. */
  readonly default?: string;
  /** Throws an Error whose message completes "<name> …" and says how to mend it. */
  readonly parse: (text: string) => Value;
};

const row = <const Given extends Row<unknown>>(given: Given) => given;

/** Every setting there is. An empty one counts as absent, as it does in the portal. */
export const settingsTable = {
  AZURE_FUNCTIONS_ENVIRONMENT: row({
    meaning:
      '`Development` allows http on loopback and secrets from settings; set by the platform, not by you',
    example: 'Development',
    default: 'Production',
    parse: String,
  }),
  ACS_RESOURCE_ID: row({
    meaning:
      'The immutable resource id of your Communication Services resource, or several separated by commas: the audience of the tokens. Enables the Call Automation route',
    example: '11111111-2222-3333-4444-555555555555',
    parse: list(resourceId),
  }),
  ACS_ISSUER: row({
    meaning: 'The issuer of the tokens',
    example: 'https://acscallautomation.communication.azure.com',
    default: 'https://acscallautomation.communication.azure.com',
    parse: url,
  }),
  ACS_OPENID_CONFIGURATION_URL: row({
    meaning: 'Where the issuer says where its keys are',
    example: 'https://acscallautomation.communication.azure.com/calling/.well-known/acsopenidconfiguration',
    default: 'https://acscallautomation.communication.azure.com/calling/.well-known/acsopenidconfiguration',
    parse: url,
  }),
  ACS_ENDPOINT: row({
    meaning: 'Your Communication Services resource; enables answering and placing calls',
    example: 'https://ringward.communication.azure.com',
    parse: serviceUrl('https://<name>.communication.azure.com'),
  }),
  ACS_CONNECTION_STRING_SECRET: row({
    meaning:
      'The name of the secret with the connection string of that resource; without it the app signs in as itself',
    example: 'acs-connection-string',
    parse: secretName,
  }),
  MEDIA_URL: row({
    meaning: 'The address of the media host, which live audio and text of a call are sent to, with a ticket',
    example: 'wss://media.example.com/media',
    parse: webSocketUrl,
  }),
  EVENT_GRID_KEY_SECRET: row({
    meaning:
      'The name of the secret with the shared key that Event Grid sends. This, EVENT_GRID_TENANT_ID or both enable the incoming-call route, and what is set must pass',
    example: 'event-grid-key',
    parse: secretName,
  }),
  EVENT_GRID_TENANT_ID: row({
    meaning: 'The Entra tenant whose tokens Event Grid sends; needs EVENT_GRID_AUDIENCE',
    example: '11111111-2222-3333-4444-555555555555',
    parse: guid,
  }),
  EVENT_GRID_AUDIENCE: row({
    meaning: 'Client id or App ID URI of the app registration that stands for this endpoint, or several',
    example: 'api://ringward',
    parse: list(listed),
  }),
  EVENT_GRID_SENDER_APP_ID: row({
    meaning: "Event Grid's own application: the default is that of the public cloud",
    example: '4962773b-9cdb-44cf-a8bf-237846a00ab7',
    default: '4962773b-9cdb-44cf-a8bf-237846a00ab7',
    parse: guid,
  }),
  EVENT_GRID_AUTHORITY: row({
    meaning: 'The Entra authority of the cloud',
    example: 'https://login.microsoftonline.com',
    default: 'https://login.microsoftonline.com',
    parse: baseUrl,
  }),
  EVENT_GRID_SUBSCRIPTIONS: row({
    meaning: 'The names of the event subscriptions that may deliver, separated by commas; without it any',
    example: 'incoming-calls',
    parse: list(listed),
  }),
  EVENT_GRID_TOPICS: row({
    meaning: 'The ARM ids of the resources whose events are taken, separated by commas; without it any',
    example:
      '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/calls/providers/Microsoft.Communication/communicationServices/ringward',
    parse: list(armId),
  }),
  VONAGE_PROJECTS: row({
    meaning:
      'Your Vonage projects, separated by commas: `apiKey`, or `apiKey:applicationId` to hold the application as well. Enables the Vonage routes',
    example: '12345678:aaaaaaaa-bbbb-cccc-dddd-0123456789ab',
    parse: list(vonageProject),
  }),
  VONAGE_MAX_AGE_SECONDS: row({
    meaning: 'How old a Vonage callback may be, in seconds: retries last a day',
    example: '87300',
    default: '87300',
    parse: integer(60, 2 * 86400 - 600),
  }),
  CALLBACK_BASE_URL: row({
    meaning:
      'The public address of this app, which callback URIs begin with. Without it: `https://$WEBSITE_HOSTNAME`',
    example: 'https://calls.example.com',
    parse: baseUrl,
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
  }),
  CALLBACK_KEY_TTL_SECONDS: row({
    meaning: 'How long a callback key opens the door, in seconds: longer than your longest call',
    example: '86400',
    default: '86400',
    parse: integer(60, 2 * 86400),
  }),
  CALLBACK_TOKEN_LIFE_SECONDS: row({
    meaning: 'How long a callback token lives, in seconds, as documented by Microsoft',
    example: '300',
    default: '300',
    parse: integer(1, 86400),
  }),
  MEDIA_TOKEN_LIFE_SECONDS: row({
    meaning: 'How long a token on a media socket lives, in seconds, as documented by Microsoft',
    example: '86400',
    default: '86400',
    parse: integer(1, 2 * 86400),
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
  TOKEN_REUSE: row({
    meaning:
      'What happens to a token without `jti` that comes again with another body: `report` (logged) or `enforce` (refused with 401)',
    example: 'report',
    default: 'report',
    parse: oneOf('report', 'enforce'),
  }),
  CALL_BINDING: row({
    meaning:
      'What happens to an event of another call than the one that its callback URI is bound to: `report` (logged) or `enforce` (refused with 401)',
    example: 'report',
    default: 'report',
    parse: oneOf('report', 'enforce'),
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
      'How long the checks and the handlers of a request may take together once its body is here, in seconds; the body itself may take five more',
    example: '20',
    default: '20',
    // The platform ends a request after 230 seconds.
    parse: integer(1, 220),
  }),
  HTTP_STREAM: row({
    meaning: "`on` or `off`: the platform's streaming of bodies; both work",
    example: 'off',
    default: 'off',
    parse: oneOf('on', 'off'),
  }),
};

type Table = typeof settingsTable;
export type SettingName = keyof Table;
/** The settings as read: a value where there is one or a default, else `undefined`. */
export type Settings = {
  readonly [Name in SettingName]:
    ReturnType<Table[Name]['parse']> | (Table[Name] extends { default: string } ? never : undefined);
} & {
  /** Development only: a secret by the name that it would have in a vault. */
  readonly developmentSecret: (name: string) => string | undefined;
};

/** Every fault of the settings in one message, each with its mend. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(
      [
        `Ringward cannot start: ${faults.length === 1 ? 'one setting is' : `${faults.length} settings are`} at fault.`,
        ...faults.map((fault) => `  - ${fault}`),
        'docs/settings.md lists every setting.',
      ].join('\n'),
    );
    this.faults = faults;
  }
}

/**
 * Reads the settings and holds them against each other.
 *
 * @throws SettingsError
 */
export function readSettings(environment: Environment): Settings {
  const { settings, faults } = inspectSettings(environment);
  if (faults.length > 0) throw new SettingsError(faults);
  return settings;
}

/**
 * Reads the settings as far as they can be read, for whoever wants to tell all that is wrong with them and with what
 * they name. A setting that cannot be read has its default, or is absent where it has none.
 */
export function inspectSettings(environment: Environment): {
  readonly settings: Settings;
  readonly faults: readonly string[];
} {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, given] of Object.entries<Row<unknown>>(settingsTable)) {
    const text = environment[name]?.trim() || given.default;
    if (text === undefined) continue;
    try {
      values[name] = parsed(given, text);
    } catch (fault) {
      faults.push(`${name} ${(fault as Error).message}`);
      if (given.default !== undefined) values[name] = parsed(given, given.default);
    }
  }
  const development = values['AZURE_FUNCTIONS_ENVIRONMENT'] === 'Development';
  const settings = {
    ...values,
    developmentSecret: (name: string) =>
      development ? environment[secretSetting(name)] || undefined : undefined,
  } as Settings;
  faults.push(...contradictions(settings, environment));
  return { settings, faults };
}

const parsed = ({ parse }: Row<unknown>, text: string) => (text === '' ? [] : parse(text));

export const isDevelopment = (settings: Settings) => settings.AZURE_FUNCTIONS_ENVIRONMENT === 'Development';

/** A table serves whatever runs beside it, so it is what counts wherever something is deployed. */
export const ledgerOf = (settings: Settings): 'table' | 'memory' =>
  settings.LEDGER ?? (isDevelopment(settings) && !settings.LEDGER_TABLE_URL ? 'memory' : 'table');

export function isLoopback(address: string): boolean {
  const { hostname } = new URL(address);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** The setting that stands in for a vault's secret in development. */
export const secretSetting = (name: string) => `SECRET_${name.toUpperCase().replaceAll('-', '_')}`;
