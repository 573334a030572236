import { TAKEN_PREFIXES } from '../../local/handler-settings.ts';
import { providers } from '../../shared/providers/index.ts';
import { reasons } from '../../shared/reasons.ts';
import type { Reason } from '../../shared/reasons.ts';
import { refusalFor } from '../../shared/delivery/response.ts';
import { settingsTable } from '../../shared/settings/settings.ts';
import { exampleOf, secretSetting } from '../../shared/settings/table.ts';
import type { SettingRow } from '../../shared/settings/table.ts';

/*
 * Generates the files that repeat a table of the app: pages of docs/, the example settings, the settings of infra/ that an
 * operator may give, and the log levels of host.json. `npm test` fails when a file differs from its table; `npm test -- test/docs/reference -u`
 * rewrites it, and so does `npm test -- -u`.
 */

const settings = Object.entries<SettingRow>(settingsTable);

export function settingsPage(): string {
  const rows = settings.map(([name, row]) => {
    const absent = row.default ? `\`${row.default}\`` : '';
    return `| \`${name}\` | ${row.meaning} | ${absent} | \`${exampleOf(row)}\` |`;
  });
  return [
    '# Settings',
    '',
    'Set them as application settings on Azure, and in `local.settings.json` or the environment on your machine. An empty',
    'setting counts as absent. With faulty settings the deployed app answers 503 and logs every fault; `npm start` stops. A start',
    'with a name in the environment that looks like a misspelled setting says so (`setting-unknown`), and with settings that do not fit',
    'each other (`setting-doubtful`); it goes on.',
    '',
    '| name | meaning | when absent | example |',
    '|---|---|---|---|',
    ...rows,
    '| `SECRET_<NAME>` | In `Development` only: the secret `<name>`, upper case and with `-` as `_` | | `SECRET_CALLBACK_KEY` |',
    '',
  ].join('\n');
}

/** local.settings.example.json: every setting but those of the platform, and each secret by the name of its example. */
export function exampleSettings(): string {
  const given = settings.filter(([, { setBy }]) => setBy !== 'platform');
  const secrets = given
    .filter(([, { namesSecret }]) => namesSecret)
    .map(([, row]) => secretSetting(exampleOf(row)));
  return json({
    IsEncrypted: false,
    Values: {
      FUNCTIONS_WORKER_RUNTIME: 'node',
      AzureWebJobsStorage: '',
      ...Object.fromEntries(given.map(([name]) => [name, ''])),
      // Call Automation needs this secret, so its name is filled in.
      CALLBACK_KEY_SECRET: exampleOf(settingsTable.CALLBACK_KEY_SECRET),
      ...Object.fromEntries(secrets.map((name) => [name, ''])),
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

/** Literals, because a function of Bicep can use no variable. Azure compares names without regard to case. */
function takenNames(): readonly string[] {
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
    '    toLower(name)',
    '  ) || !empty(filter(',
    '    [',
    ...lines(TAKEN_PREFIXES),
    '    ],',
    '    prefix => startsWith(toLower(name), prefix)',
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
