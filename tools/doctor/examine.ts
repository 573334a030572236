import type { Clock } from '../../shared/clock.ts';
import type { Environment } from '../../shared/settings/table.ts';
import { checkBaseUrl } from './checks/base-url.ts';
import { checkCalls } from './checks/calls.ts';
import { checkClock } from './checks/clock.ts';
import { checkKeys } from './checks/keys.ts';
import { checkNumbers } from './checks/numbers.ts';
import { checkSecrets } from './checks/secrets.ts';
import { checkSettings } from './checks/settings.ts';
import { checkTable } from './checks/table.ts';
import { checkSignIn } from './checks/sign-in.ts';
import { fault, type Finding } from './finding.ts';
import { contextOf, type Context } from './context.ts';

type Check = (context: Context) => Finding[] | Promise<Finding[]>;

/** In the order of the report. They ask at the same time. */
const checks: Readonly<Record<string, Check>> = {
  settings: checkSettings,
  'sign-in': checkSignIn,
  keys: checkKeys,
  secrets: checkSecrets,
  ledger: checkTable,
  calls: checkCalls,
  numbers: checkNumbers,
  'base URL': checkBaseUrl,
};

/** Examines the settings and everything that they name. Never rejects. */
export async function examine(environment: Environment, clock: Clock): Promise<readonly Finding[]> {
  const context = contextOf(environment, clock);
  // Loading them during the checks would count against the deadlines of the services.
  await import('../../shared/azure-sdks.ts');
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        return await check(context);
      } catch (thrown) {
        const kind = thrown instanceof Error ? thrown.name : 'something else';
        return [fault(name, `this check itself failed (${kind})`, 'please report it')];
      }
    }),
  );
  // It needs the responses that the other checks received.
  return [...found.flat(), ...checkClock(context)];
}
