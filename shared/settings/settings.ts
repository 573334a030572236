import { providers } from '../providers/index.ts';
import { coreRows, isDevelopment, secretSetting } from './table.ts';
import type { CoreSettings, Environment, SettingRow, SettingRows, SettingValues } from './table.ts';
import { settingsFaults } from './validate.ts';

type ProviderRows = Intersection<(typeof providers)[number]['settings']>;
type Intersection<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  all: infer All extends SettingRows,
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
 * Reads the settings and checks them against each other.
 *
 * @throws SettingsError
 */
export function readSettings(environment: Environment): Settings {
  const { settings, faults } = inspectSettings(environment);
  if (faults.length > 0) throw new SettingsError(faults);
  return settings;
}

/**
 * Reads the settings as far as possible, for tools that list every fault. A setting that cannot be read has its default,
 * or is absent where it has none.
 */
export function inspectSettings(environment: Environment): {
  readonly settings: Settings;
  readonly faults: readonly string[];
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
    developmentSecret: (name: string) =>
      isDevelopment(settings) ? environment[secretSetting(name)] || undefined : undefined,
  } as Settings;
  faults.push(...settingsFaults(settings, settingsTable, providers, environment));
  return { settings, faults };
}

const parsed = ({ parse }: SettingRow, text: string) => (text === '' ? [] : parse(text));
