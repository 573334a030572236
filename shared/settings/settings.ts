import { providers } from '../providers/index.ts';
import { withoutLineBreak } from '../secrets/stored-text.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import { coreRows, isDevelopment, secretSetting } from './table.ts';
import type { CoreSettings, Environment, SettingRow, SettingValues } from './table.ts';
import { secretSettings, settingsFaults, settingsWarnings } from './validate.ts';

type ProviderRows = Intersection<(typeof providers)[number]['settings']>;
/** What has the members of every part of a union. */
export type Intersection<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

/** Every setting there is: the common ones, then those of each sender. An empty one counts as absent, as in the portal. */
export const settingsTable = Object.assign(
  { ...coreRows },
  ...providers.map(({ settings }) => settings),
) as typeof coreRows & ProviderRows;

export type SettingName = keyof typeof settingsTable;
/** The settings as read. */
export type Settings = CoreSettings & SettingValues<ProviderRows>;

/** Every fault of the settings in one message, each with what to do. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly faults: readonly string[];
  /** @param environment where names are looked for that are probably misspelled ones */
  constructor(faults: readonly string[], environment: Environment = {}) {
    super(
      [
        `Ringward cannot start: ${faults.length === 1 ? 'one setting is' : `${faults.length} settings are`} at fault.`,
        ...faults.map((fault) => `  - ${fault}`),
        ...unknownNames(environment).map(
          ({ name, meant }) =>
            `  - ${name} is not read by Ringward${meant ? `: ${meant} is probably meant` : ''}`,
        ),
        'docs/settings.md lists what each sender needs.',
      ].join('\n'),
    );
    this.faults = faults;
  }
}

/**
 * Reads the settings and checks them against each other.
 *
 * @throws SettingsError
 */
export function readSettings(environment: Environment): Settings {
  const { settings, faults } = inspectSettings(environment);
  if (faults.length > 0) throw new SettingsError(faults, environment);
  return settings;
}

/**
 * Reads the settings as far as possible, for tools that list every fault. A setting that cannot be read has its default,
 * or is absent where it has none.
 */
export function inspectSettings(environment: Environment): {
  readonly settings: Settings;
  readonly faults: readonly string[];
  /** What is probably not meant, each with what to do. The app starts all the same. */
  readonly warnings: readonly string[];
} {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, row] of Object.entries<SettingRow>(settingsTable)) {
    const text = environment[name]?.trim() || row.default;
    if (text === undefined) continue;
    try {
      values[name] = parsed(row, text);
    } catch (fault) {
      faults.push(`${name} ${(fault as Error).message}`);
      if (row.default !== undefined) values[name] = parsed(row, row.default);
    }
  }
  const settings = {
    ...values,
    developmentSecret(name: string) {
      const text = isDevelopment(settings) ? environment[secretSetting(name)] : undefined;
      return text ? withoutLineBreak(text) : undefined;
    },
  } as Settings;
  faults.push(...settingsFaults(settings, settingsTable, providers, environment));
  return { settings, faults, warnings: settingsWarnings(settings, settingsTable, providers, environment) };
}

const parsed = ({ parse }: SettingRow, text: string) => (text === '' ? [] : parse(text));

/** Logs settings that are probably not meant, and names that are probably misspelled ones. The start goes on. */
export function warnAtStart(environment: Environment, note: Note): void {
  for (const why of inspectSettings(environment).warnings) note('warn', 'setting-doubtful', { why });
  for (const { name, meant } of unknownNames(environment)) {
    note('warn', 'setting-unknown', { name, ...(meant && { meant }) });
  }
}

/** Edits after which a name still counts as a misspelled setting. */
const MAX_EDITS = 2;

/**
 * Names that are probably misspelled settings, and which setting each means. An empty variable counts as absent. In
 * Development also each `SECRET_…` that nothing reads; elsewhere {@link settingsWarnings} says that none is read.
 */
export function unknownNames(
  environment: Environment,
): readonly { readonly name: string; readonly meant: string | undefined }[] {
  const { settings } = inspectSettings(environment);
  const secrets = isDevelopment(settings) ? secretSettings(settings, settingsTable, providers) : [];
  const known = [...Object.keys(settingsTable), ...secrets];
  const prefixes = [...settingPrefixes(), ...(isDevelopment(settings) ? ['SECRET_'] : [])];
  return Object.keys(environment)
    .filter((name) => environment[name]?.trim() && !known.includes(name))
    .flatMap((name) => {
      const [nearest] = known
        .map((meant) => ({ meant, distance: editDistance(name.toUpperCase(), meant) }))
        // Two edits make HOST of PORT.
        .filter(({ meant, distance }) => distance <= MAX_EDITS && distance * 3 <= meant.length)
        .sort((one, other) => one.distance - other.distance);
      const looksLikeOurs = nearest || prefixes.some((prefix) => name.toUpperCase().startsWith(prefix));
      return looksLikeOurs ? [{ name, meant: nearest?.meant }] : [];
    });
}

/** What the names of our settings begin with, such as `EVENT_GRID_`. Prefixes that other software uses are left out. */
function settingPrefixes(): readonly string[] {
  const ofSenders = providers.map(({ settings, enabledBy }) => {
    const [word] = String(enabledBy[0]).split('_', 1);
    return sharedWords(Object.keys(settings).filter((name) => name.startsWith(`${word}_`)));
  });
  return [...ofSenders, 'CALLBACK_', 'LEDGER_'];
}

/** The leading words that all names share. */
function sharedWords([first = '', ...others]: readonly string[]): string {
  let shared = first;
  while (!others.every((name) => name.startsWith(shared))) shared = shared.slice(0, -1);
  return shared.slice(0, shared.lastIndexOf('_') + 1);
}

/** Levenshtein distance, exact up to `MAX_EDITS`. */
function editDistance(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > MAX_EDITS) return MAX_EDITS + 1;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, otherLetter] of [...other].entries()) {
      const changed = (row[column] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? MAX_EDITS + 1;
}
