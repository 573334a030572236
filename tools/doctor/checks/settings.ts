import { settingsTable, unknownNames } from '../../../shared/settings/settings.ts';
import { isDevelopment, ledgerOf } from '../../../shared/settings/table.ts';
import { fault, warning, well } from '../finding.ts';
import type { Finding } from '../finding.ts';
import type { Context } from '../context.ts';

/** What the app checks at its start, and what it would start with and should not. */
export function checkSettings({ environment, settings, faults, warnings }: Context): Finding[] {
  const given = Object.keys(environment).filter((name) => environment[name]?.trim());
  const read = given.filter((name) => Object.hasOwn(settingsTable, name));
  return [
    ...(read.length === 0 ? [nothing] : []),
    ...faults.map((text) => settingFinding(fault, text)),
    ...(faults.length === 0
      ? [well('settings', `${read.length} are set, and the app starts with them`)]
      : []),
    ...warnings.map((text) => settingFinding(warning, text)),
    ...unknownNames(environment).map(({ name, meant }) =>
      warning(
        `setting ${name}`,
        'is not read by Ringward',
        meant ? `${meant} is probably meant` : 'look for its right name in docs/settings.md',
      ),
    ),
    ...(ledgerOf(settings) === 'memory' && !isDevelopment(settings)
      ? [
          warning(
            'setting LEDGER',
            'is memory: it serves one instance, and is lost when that ends',
            'set it to table, and LEDGER_TABLE_URL',
          ),
        ]
      : []),
  ];
}

const nothing = warning(
  'settings',
  'no setting of Ringward is set',
  'set them in the environment, or name a file: npm run doctor -- --settings local.settings.json',
);

/** @param text `NAME what is wrong: what to do` */
function settingFinding(as: typeof fault | typeof warning, text: string): Finding {
  const [, name = '', rest = text] = /^([A-Z_]+) (.*)$/s.exec(text) ?? [];
  const [wrong = '', mend] = /^(.*?): (.+)$/s.exec(rest)?.slice(1) ?? [rest];
  return as(`setting ${name}`.trim(), wrong, mend ?? `see ${name} in docs/settings.md`);
}
