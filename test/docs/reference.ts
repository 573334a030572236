import { TAKEN_PREFIXES } from '../../local/handler-settings.ts';
import { providers } from '../../shared/providers/index.ts';
import { reasons } from '../../shared/reasons.ts';
import type { Reason } from '../../shared/reasons.ts';
import { refusalFor } from '../../shared/delivery/response.ts';
import type { ImpliedSecret, Provider } from '../../shared/providers/provider.ts';
import { inspectSettings, settingsTable } from '../../shared/settings/settings.ts';
import type { SettingName } from '../../shared/settings/settings.ts';
import { coreRows, exampleOf, secretSetting } from '../../shared/settings/table.ts';
import type { SettingRow } from '../../shared/settings/table.ts';

/*
 * Generates the files that repeat a table of the app: pages of docs/, the example settings, the settings of infra/ that an
 * operator may give, and the log levels of host.json. `npm test` fails when a file differs from its table; `npm test -- test/docs/reference -u`
 * rewrites it, and so does `npm test -- -u`.
 */

const settings = Object.entries<SettingRow>(settingsTable);

const senders = providers as unknown as readonly Provider[];

/** The settings that a sender needs: what enables it, what it is required to have, and what these need in turn. */
function neededBy({ enabledBy, settings: rows }: Provider): readonly string[] {
  const needed = new Set<string>(enabledBy);
  for (const [name, { required }] of Object.entries(rows)) if (required) needed.add(name);
  for (const name of needed) {
    const { needs = [] } = settingsTable[name as SettingName] as SettingRow;
    for (const either of needs) if (!either.some((one) => needed.has(one))) needed.add(either[0]!);
  }
  return [...needed];
}

/** The secrets that a sender needs beside those that a setting names, by the form of their names. */
function impliedBy({ enabledBy, secrets }: Provider): readonly ImpliedSecret[] {
  const example = Object.fromEntries(enabledBy.map((name) => [name, exampleOf(rowOf(name))]));
  const { settings: given } = inspectSettings({ AZURE_FUNCTIONS_ENVIRONMENT: 'Development', ...example });
  return secrets?.(given) ?? [];
}

const rowOf = (name: string): SettingRow => settingsTable[name as SettingName];

const HEAD = ['| setting | meaning | when absent | example |', '|---|---|---|---|'];

function settingLine(name: string): string {
  const row = rowOf(name);
  const absent = row.default ? `\`${row.default}\`` : '';
  return `| \`${name}\` | ${row.meaning} | ${absent} | \`${exampleOf(row)}\` |`;
}

function secretLine({ forms, purposes, setIn, mayBeAbsent }: ImpliedSecret): string {
  const all = (texts: readonly string[]) => texts.map((text) => `\`${text}\``).join(', ');
  const meaning =
    forms.length === 1
      ? `The secret of this name in the vault: that of ${setIn}`
      : `The first of these secrets that exists in the vault, for each kind: that of ${setIn}. \`<kind>\` is ${all(Object.keys(purposes))}`;
  return `| ${all(forms)} | ${meaning}${mayBeAbsent ? ', if there is one' : ''} | | in \`Development\` also ${all(forms.map(secretSetting))} |`;
}

/** The form that the example shows: it needs no application. */
export const exampleForm = ({ forms }: ImpliedSecret) =>
  forms.find((form) => !form.includes('<applicationId>')) ?? '';

function senderSection(group: readonly Provider[]): readonly string[] {
  const [sender] = group as [Provider];
  const needed = neededBy(sender);
  const others = Object.keys(sender.settings).filter((name) => !needed.includes(name));
  const [implied, perhaps] = [false, true].map((absent) =>
    impliedBy(sender)
      .filter(({ mayBeAbsent = false }) => mayBeAbsent === absent)
      .map(secretLine),
  ) as [string[], string[]];
  const optional = [...others.map(settingLine), ...perhaps];
  const pages = group.map(({ page }) => `[${page}](${page})`).join(', ');
  const either =
    sender.enabledBy.length > 1
      ? `: ${sender.enabledBy.map((name) => `\`${name}\``).join(' or ')}, with what that one needs`
      : '';
  return [
    `## ${group.map(({ title }) => title).join(' and ')}`,
    '',
    `${pages}. Needed${either}:`,
    '',
    ...HEAD,
    ...needed.map(settingLine),
    ...implied,
    '',
    ...(optional.length > 0 ? ['Optional:', '', ...HEAD, ...optional, ''] : []),
  ];
}

/** The rows that belong to no sender. */
function commonSections(): readonly string[] {
  const rows = Object.entries<SettingRow>(coreRows);
  const section = (title: string, about: string, ofSection: typeof rows) => [
    `## ${title}`,
    '',
    about,
    '',
    ...HEAD,
    ...ofSection.map(([name]) => settingLine(name)),
    '',
  ];
  const byPlatform = rows.filter(([, { setBy }]) => setBy === 'platform');
  const ofMedia = rows.filter(([, { readBy }]) => readBy === 'media');
  const others = rows.filter((row) => !byPlatform.includes(row) && !ofMedia.includes(row));
  return [
    ...section(
      'Every sender',
      'On Azure `KEY_VAULT_URL` and `LEDGER_TABLE_URL` (or `LEDGER=memory`) are needed, and `azd up` sets them. On your machine all are optional.',
      others,
    ),
    ...section(
      'The media host',
      'All optional. The media host also reads the settings of Call Automation.',
      ofMedia,
    ),
    ...section('Set by the platform', 'You do not set these.', byPlatform),
  ];
}

export function settingsPage(): string {
  // Senders that share all of their settings have one section.
  const groups = Map.groupBy<object, Provider>(senders, (sender) => sender.settings);
  return [
    '# Settings',
    '',
    'Set them as application settings on Azure, and in `local.settings.json` or the environment on your machine. Only the sections of the',
    'senders that you use concern you, and [Every sender](#every-sender). An empty setting counts as absent.',
    '',
    'With faulty settings the deployed app answers 503 and logs every fault; `npm start -- --bare` stops. A start with a name in the environment that',
    'looks like a misspelled setting says so (`setting-unknown`), and with settings that do not fit each other (`setting-doubtful`); it goes',
    'on. In `Development` it names each `SECRET_…` that nothing reads, too.',
    '',
    'A setting that ends in `_SECRET` holds the name of a secret in the vault. In `Development` the setting `SECRET_<NAME>` (the name in upper',
    'case, with `-` as `_`) can hold the secret itself: `SECRET_CALLBACK_KEY` for `callback-key`. Settings of your own handlers:',
    '[handlers.md](handlers.md#settings-and-secrets-of-your-own).',
    '',
    ...[...groups.values()].flatMap(senderSection),
    ...commonSections(),
  ].join('\n');
}

/** local.settings.example.json: what each sender needs, blank, with its secrets under the names that they have by example. */
export function exampleSettings(): string {
  const names = senders.flatMap((sender) => {
    const [enabling = ''] = sender.enabledBy;
    const needed = neededBy({ ...sender, enabledBy: [enabling] });
    return [
      ...needed.flatMap((name) => {
        const row = rowOf(name);
        return row.namesSecret ? [name, secretSetting(exampleOf(row))] : [name];
      }),
      ...impliedBy(sender).flatMap((secret) =>
        secret.mayBeAbsent ? [] : [secretSetting(exampleForm(secret))],
      ),
    ];
  });
  return json({
    IsEncrypted: false,
    Values: {
      FUNCTIONS_WORKER_RUNTIME: 'node',
      AzureWebJobsStorage: '',
      ...Object.fromEntries(names.map((name) => [name, ''])),
    },
  });
}

type Program = 'app' | 'media';

/** The settings that an operator may give to a deployed program. */
const givenTo = (program: Program) =>
  settings.filter(
    ([, { readBy = 'app', setBy }]) => setBy === undefined && (readBy === program || readBy === 'both'),
  );

/**
 * infra/settings.bicep: the type of the parameter `tuning` of the app and of the media host, and the names that settings of
 * handlers cannot have.
 */
export function settingsTypes(): string {
  return [
    '// Generated from the table of settings by `npm test -- -u`. An operator may give these settings. An empty one is not set,',
    '// so that its default applies. The templates set the others: modules/app.bicep and media.bicep.',
    ...settingsType('app', 'AppSettings', 'The settings of the app that an operator may give.'),
    ...settingsType('media', 'MediaSettings', 'The settings of the media host that an operator may give.'),
    ...enablingSettings(),
    ...takenNames(),
    '',
  ].join('\n');
}

function settingsType(program: Program, type: string, description: string): readonly string[] {
  const rows = givenTo(program).flatMap(([name, { meaning }]) => [
    `  @description(${bicepString(meaning)})`,
    `  ${name}: string`,
  ]);
  return ['', '@export()', '@sealed()', `@description('${description}')`, `type ${type} = {`, ...rows, '}'];
}

/** Call Automation and Event Grid have parameters of their own. */
function enablingSettings(): readonly string[] {
  const given = givenTo('app').map(([name]) => name);
  const names = new Set(senders.flatMap(({ enabledBy }) => enabledBy).filter((name) => given.includes(name)));
  return [
    '',
    '@export()',
    "@description('Whether a setting that the operator gave enables a sender.')",
    'func enablesSender(tuning AppSettings) bool =>',
    `  ${[...names].map((name) => `!empty(tuning.${name})`).join(' || ')}`,
  ];
}

/** Literals, because a function of Bicep can use no variable. The rule is that of local/handler-settings.ts. */
function takenNames(): readonly string[] {
  const compared = "toLower(replace(trim(name), '.', '_'))";
  const lines = (texts: readonly string[]) => texts.map((text) => `      ${bicepString(text.toLowerCase())}`);
  return [
    '',
    '@export()',
    "@description('Whether a name belongs to Ringward or to Azure, so that no setting of a handler can have it.')",
    'func isTaken(name string) bool =>',
    '  contains(',
    '    [',
    ...lines(settings.map(([name]) => name)),
    '    ],',
    `    ${compared}`,
    '  ) || !empty(filter(',
    '    [',
    ...lines(TAKEN_PREFIXES),
    '    ],',
    `    prefix => startsWith(${compared}, prefix)`,
    '  ))',
  ];
}

const bicepString = (text: string) => `'${text.replaceAll(/\\|'|\$(?=\{)/g, String.raw`\$&`)}'`;

/**
 * infra/main.parameters.json or infra/media.parameters.json with its parameter `tuning` written anew: each setting comes
 * from the variable of azd that has its name.
 */
export function withSettings(parametersFile: string, program: Program): string {
  const file = JSON.parse(parametersFile) as { parameters: Record<string, { value: unknown }> };
  const value = Object.fromEntries(
    givenTo(program).map(([name]) => [name, `\${${variable(name, program)}}`]),
  );
  file.parameters['tuning'] = { value };
  return json(file);
}

/** The app may run behind a proxy that the media host does not run behind. */
const variable = (name: string, program: Program) =>
  program === 'media' && name === 'TRUSTED_PROXY_HOPS' ? 'MEDIA_TRUSTED_PROXY_HOPS' : name;

/** The functions that are registered when every sender is enabled. */
const functionNames = [...providers.flatMap(({ routes }) => routes.map(({ name }) => name)), 'health'];

/**
 * host.json with its log levels written anew. docs/telemetry.md says what each keeps and what was measured. Application
 * Insights does not take a wildcard for the functions, so each has a row.
 */
export function withLogLevels(hostJson: string): string {
  const file = JSON.parse(hostJson) as { logging: { logLevel: Record<string, string> } };
  file.logging.logLevel = {
    default: 'Warning',
    Function: 'None',
    ...Object.fromEntries(functionNames.map((name) => [`Function.${name}.User`, 'Information'])),
    'Host.Function.Console': 'Information',
    'Host.Results': 'Error',
    'Microsoft.AspNetCore.Hosting.Diagnostics': 'Warning',
  };
  return json(file);
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

export function reasonsPage(): string {
  const rows = Object.entries(reasons).map(([code, { means }]) => {
    const { status } = refusalFor(code as Reason, 503);
    return `| \`${code}\` | ${status} | ${means} |`;
  });
  return [
    '# Reasons',
    '',
    'Why a request was not answered 200. The code stands in the log line of its delivery; the sender sees the status and a',
    'constant body, and never the reason.',
    '',
    '| reason | status | what it means |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
