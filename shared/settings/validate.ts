import { routePath } from '../delivery/endpoint.ts';
import type { ImpliedSecret } from '../providers/provider.ts';
import { MIN_SECRET_BYTES } from '../secrets/vault-versions.ts';
import type { CloudName } from './clouds.ts';
import { ordinal } from './parse.ts';
import { isDevelopment, isLoopback, ledgerOf, secretSetting } from './table.ts';
import type { CoreSettings, Environment, IsSet, SettingRows } from './table.ts';

/** What the checks need to know of a sender. */
type Sender = {
  readonly name: string;
  readonly title: string;
  readonly page: string;
  readonly settings: SettingRows;
  readonly enabledBy: readonly string[];
  readonly waitSeconds?: number;
  secrets?(settings: CoreSettings): readonly ImpliedSecret[];
  faults?(settings: CoreSettings, isSet: IsSet): readonly string[];
};

/** Faults that no single setting shows: one that is useless without another, or needs one that is missing. */
export function settingsFaults(
  settings: CoreSettings,
  table: SettingRows,
  senders: readonly Sender[],
  environment: Environment,
): string[] {
  const isSet: IsSet = (name) => Boolean(environment[name]?.trim());
  // Two senders that share a setting find the same fault.
  const ofSenders = new Set(
    senders.flatMap((sender) => [
      ...(sender.faults?.(settings, isSet) ?? []),
      ...impliedSecretFaults(sender, settings, isSet),
    ]),
  );
  return [
    ...noSender(senders, isSet),
    ...missingSettings(senders, settings, isSet),
    ...unmetNeeds(table, isSet),
    ...insecureAddresses(settings, table),
    ...secretFaults(settings, table, isSet),
    ...ofSenders,
    ...ledgerFaults(settings, isSet),
  ];
}

function noSender(senders: readonly Sender[], isSet: IsSet): string[] {
  if (senders.some(({ enabledBy }) => enabledBy.some(isSet))) return [];
  const width = Math.max(...senders.map(({ title }) => title.length));
  const rows = senders.map(
    ({ title, enabledBy, page }) => `${title.padEnd(width)}  ${enabledBy.join(' or ')} (docs/${page})`,
  );
  return [['No sender is enabled: set what enables yours', ...rows].join('\n      ')];
}

/** What an enabled sender needs beside the setting that enables it. */
function missingSettings(senders: readonly Sender[], settings: CoreSettings, isSet: IsSet): string[] {
  if (isDevelopment(settings)) return [];
  return senders
    .filter(({ enabledBy }) => enabledBy.some(isSet))
    .flatMap(({ title, settings: rows }) =>
      Object.entries(rows).flatMap(([name, { required }]) =>
        required && !isSet(name) ? [`${name} is missing, which ${title} needs: set it to ${required}`] : [],
      ),
    );
}

function unmetNeeds(table: SettingRows, isSet: IsSet): string[] {
  return Object.entries(table).flatMap(([name, { needs = [] }]) =>
    needs
      .filter((either) => isSet(name) && !either.some(isSet))
      .map((either) => {
        const mend = either.includes('CALLBACK_BASE_URL')
          ? 'set CALLBACK_BASE_URL to the public address of the app'
          : 'set both or neither';
        return `${name} has no use without ${either.join(' or ')}: ${mend}`;
      }),
  );
}

const valueOf = (settings: CoreSettings, name: string): unknown => Reflect.get(settings, name);

function insecureAddresses(settings: CoreSettings, table: SettingRows): string[] {
  return Object.entries(table).flatMap(([name, { scheme }]) => {
    const address = valueOf(settings, name);
    if (!scheme || typeof address !== 'string' || new URL(address).protocol === `${scheme}:`) return [];
    if (isDevelopment(settings) && isLoopback(address)) return [];
    const insecure = scheme.slice(0, -1);
    return `${name} must begin with ${scheme}:// (${insecure} is for a loopback address in Development alone)`;
  });
}

/** A secret is in the vault, or in Development in a setting; in Development it may be missing altogether. */
function secretFaults(settings: CoreSettings, table: SettingRows, isSet: IsSet): string[] {
  const named = namedSecrets(settings, table).map(({ setting, name }) => {
    const { needs = [] } = table[setting] ?? {};
    return { setting, name, isUseless: needs.some((either) => !either.some(isSet)) };
  });
  const missing = named.flatMap(({ setting, name, isUseless }) => {
    const secret = settings.developmentSecret(name);
    if (secret?.trim() === '') return [blankSecret(name)];
    if (isUseless || secret || isSet('KEY_VAULT_URL')) return [];
    return [
      `${setting} names a secret, but there is no vault: set KEY_VAULT_URL${orSecretSetting(settings)}`,
    ];
  });
  return [...missing, ...sharedNames(named)];
}

/** The secrets that settings name. */
export const namedSecrets = (settings: CoreSettings, table: SettingRows) =>
  Object.entries(table).flatMap(([setting, { namesSecret }]) => {
    const name = valueOf(settings, setting);
    return namesSecret && typeof name === 'string' ? [{ setting, name }] : [];
  });

/** The settings that can hold a secret of these senders in Development. */
export const secretSettings = (
  settings: CoreSettings,
  table: SettingRows,
  senders: readonly Sender[],
): readonly string[] =>
  [
    ...namedSecrets(settings, table).map(({ name }) => name),
    ...senders
      .flatMap(({ secrets }) => secrets?.(settings) ?? [])
      .flatMap(({ purposes }) => Object.values(purposes).flat()),
  ].map(secretSetting);

/** Who knows one of two secrets must not know the other with it. Names in a vault have no case. */
function sharedNames(named: readonly { setting: string; name: string }[]): string[] {
  return named.flatMap((one, index) =>
    named
      .slice(index + 1)
      .filter((other) => one.name.toLowerCase() === other.name.toLowerCase())
      .map(
        (other) => `${one.setting} and ${other.setting} name the same secret: give each a secret of its own`,
      ),
  );
}

/** Each secret that the elements of a sender's setting imply needs a value: in the vault or, in Development, in a setting. */
function impliedSecretFaults(
  { enabledBy: [setting = ''], secrets }: Sender,
  given: CoreSettings,
  isSet: IsSet,
): string[] {
  const needed = secrets?.(given).filter(({ mayBeAbsent }) => !mayBeAbsent) ?? [];
  return needed.flatMap(({ forms, purposes }, index) => {
    const names = new Set(Object.values(purposes).flat());
    const held = [...names].flatMap((name) => {
      const secret = given.developmentSecret(name);
      return secret === undefined ? [] : [{ name, secret }];
    });
    if (held.length === 0 && !isSet('KEY_VAULT_URL')) {
      const whose = needed.length === 1 ? 'its secret' : `the secret of its ${ordinal(index + 1)} element`;
      return [
        `${setting} needs a vault with ${whose}, ${forms.join(' or ')}: set KEY_VAULT_URL${orSecretSetting(given, forms)}`,
      ];
    }
    return held.flatMap(({ name, secret }) => {
      if (secret.trim() === '') return [blankSecret(name)];
      if (Buffer.byteLength(secret) >= MIN_SECRET_BYTES) return [];
      return [`${secretSetting(name)} is shorter than ${MIN_SECRET_BYTES} bytes: use 32 or more`];
    });
  });
}

/** @param forms of the name. Not the name: it is a secret itself if the two were mixed up. */
const orSecretSetting = (settings: CoreSettings, forms: readonly string[] = ['<name>']) =>
  isDevelopment(settings)
    ? `, or ${forms.map(secretSetting).join(' or ')} to the secret itself (the name in upper case, with - as _)`
    : '';

const blankSecret = (name: string) => `${secretSetting(name)} is blank: set it to 32 random bytes or more`;

function ledgerFaults(settings: CoreSettings, isSet: IsSet): string[] {
  const isReadable = isSet('LEDGER') === Boolean(settings.LEDGER);
  if (!isReadable || ledgerOf(settings) === 'memory' || isSet('LEDGER_TABLE_URL')) return [];
  return [
    'LEDGER_TABLE_URL is missing: set it to the table service of your storage account (https://<account>.table.core.windows.net), or LEDGER to memory, which serves one instance',
  ];
}

/** What an app starts with although it is probably not meant. Each says what to do, like a fault. */
export function settingsWarnings(
  settings: CoreSettings,
  table: SettingRows,
  senders: readonly Sender[],
  environment: Environment,
): string[] {
  const isSet: IsSet = (name) => Boolean(environment[name]?.trim());
  return [
    ...doubledPrefix(settings),
    ...mixedClouds(settings, table, isSet),
    ...longTimeout(settings, senders, isSet),
    ...openSecrets(settings, environment, isSet),
  ];
}

function openSecrets(settings: CoreSettings, environment: Environment, isSet: IsSet): string[] {
  if (isDevelopment(settings)) return [];
  return Object.keys(environment)
    .filter((name) => name.startsWith('SECRET_') && isSet(name))
    .map(
      (name) =>
        `${name} is not read outside Development, and lies open in the settings: put the secret into the vault, make a new version of it, and remove the setting`,
    );
}

/** Who sets a timeout wants that much time. A default that is longer is cut off without a word. */
function longTimeout(
  { HANDLER_TIMEOUT_SECONDS: seconds }: CoreSettings,
  senders: readonly Sender[],
  isSet: IsSet,
): string[] {
  if (!isSet('HANDLER_TIMEOUT_SECONDS')) return [];
  return senders.flatMap(({ name, enabledBy, waitSeconds = Number.POSITIVE_INFINITY }) =>
    enabledBy.some(isSet) && seconds > waitSeconds - 1
      ? `HANDLER_TIMEOUT_SECONDS is ${seconds}, but ${name} waits ${waitSeconds} s for a reply: its handlers are cut off a second before that`
      : [],
  );
}

function doubledPrefix({ CALLBACK_BASE_URL: url }: CoreSettings): string[] {
  const prefix = routePath('').slice(0, -1);
  const holdsIt =
    url && prefix && `${new URL(url).pathname}/`.toLowerCase().includes(`${prefix}/`.toLowerCase());
  return holdsIt
    ? [
        `CALLBACK_BASE_URL holds the route prefix ${prefix} of host.json, which callback URIs then have twice: end it before ${prefix}, unless a proxy serves the app below that path`,
      ]
    : [];
}

/** A setting of another cloud than the most: its service does not know the identities and tokens of theirs. */
function mixedClouds(settings: CoreSettings, table: SettingRows, isSet: IsSet): string[] {
  const byCloud = new Map<CloudName, string[]>();
  for (const [name, { cloud, needs = [] }] of Object.entries(table)) {
    const value = valueOf(settings, name);
    // A default counts where its sender is enabled.
    const isUsed = isSet(name) || needs.every((either) => either.some(isSet));
    const found = isUsed && typeof value === 'string' ? cloud?.(value) : undefined;
    if (found) byCloud.set(found, [...(byCloud.get(found) ?? []), name]);
  }
  const [most, ...others] = [...byCloud].sort(([, one], [, other]) => other.length - one.length);
  if (!most) return [];
  return others.flatMap(([cloud, names]) =>
    names.map((name) => {
      const subject = isSet(name) ? `${name} belongs` : `${name} is not set, and its default belongs`;
      return `${subject} to ${cloud}, but ${most[1].join(', ')} to ${most[0]}: set them to services of one cloud`;
    }),
  );
}
