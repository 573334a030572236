import { isDevelopment, ledgerOf, settingsTable } from '../../../shared/settings.ts';
import { fault, warning, well } from '../finding.ts';
import type { Finding } from '../finding.ts';
import type { Context } from '../context.ts';

/** What names of ours begin with; nobody else's do. */
const OURS =
  /^(ACS|CALL|CALLBACK|EVENT_GRID|LEDGER|MEDIA|SOURCE_ADDRESS|SOURCE_ADDRESSES|TOKEN|TRUSTED_PROXY|VONAGE)(_|$)/;

/** What the app holds against each other at its start, and what it would put up with. */
export function checkSettings({ environment, settings, faults }: Context): Finding[] {
  const given = Object.keys(environment).filter((name) => environment[name]?.trim());
  const read = given.filter((name) => Object.hasOwn(settingsTable, name));
  const strange = given.filter((name) => OURS.test(name) && !Object.hasOwn(settingsTable, name));
  const open = isDevelopment(settings) ? [] : given.filter((name) => name.startsWith('SECRET_'));
  return [
    ...(read.length === 0 ? [nothing] : []),
    ...faults.map(settingFault),
    ...(faults.length === 0
      ? [well('settings', `${read.length} are set, and the app starts with them`)]
      : []),
    ...strange.map((name) =>
      warning(`setting ${name}`, 'is none of Ringward', 'look for its right name in docs/settings.md'),
    ),
    ...open.map((name) =>
      warning(
        `setting ${name}`,
        'is not read outside Development, and lies open in the settings',
        'put the secret into the vault, make a new version of it, and remove the setting',
      ),
    ),
    ...(ledgerOf(settings) === 'memory' && !isDevelopment(settings)
      ? [
          warning(
            'setting LEDGER',
            'is memory, which serves one instance and ends with it',
            'set it to table, and LEDGER_TABLE_URL',
          ),
        ]
      : []),
  ];
}

const nothing = warning(
  'settings',
  'there are none',
  'set them in the environment, or name a file: npm run doctor -- --settings local.settings.json',
);

/** "NAME what is wrong: what to do", as the app says it. */
function settingFault(text: string): Finding {
  const [, name = '', rest = text] = /^([A-Z_]+) (.*)$/s.exec(text) ?? [];
  const [wrong = '', mend] = /^(.*?): (.+)$/s.exec(rest)?.slice(1) ?? [rest];
  return fault(`setting ${name}`.trim(), wrong, mend ?? `see ${name} in docs/settings.md`);
}
