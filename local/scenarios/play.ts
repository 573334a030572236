import { styleText } from 'node:util';
import { post } from '../http/request.ts';
import { providers } from '../providers/index.ts';
import { send } from './context.ts';
import type { Scenario, ScenarioContext } from './context.ts';
import { tableHead, tableRow } from './table.ts';
import type { Row } from './table.ts';

/** Every scenario of every sender. The first is a call that comes in. */
export const scenarios = providers.flatMap((provider) => provider.scenarios);

const printHead = (title: string) => console.log(`\n${title}\n${tableHead()}`);

/** Plays one scenario, and prints a row for each request when it is answered. */
export async function playScenario(
  { title, play }: Scenario,
  context: Omit<ScenarioContext, 'onRow'>,
  onRow = (row: Row) => console.log(tableRow(row)),
): Promise<void> {
  if (title) printHead(title);
  await play({ ...context, onRow });
}

/** Plays every scenario, then every forgery. */
export async function playAll(context: Omit<ScenarioContext, 'onRow'>): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const onRow = (row: Row) => {
    rows.push(row);
    console.log(tableRow(row));
  };
  for (const scenario of scenarios) await playScenario(scenario, context, onRow);
  printHead('Forgeries');
  await playForgeries({ ...context, onRow });
  return rows;
}

async function playForgeries(context: ScenarioContext): Promise<void> {
  for (const { name, genuine, members } of providers.flatMap(({ forgeries }) => forgeries)) {
    console.log(`  ${styleText('dim', name)}`);
    for (const forgery of members) {
      const from = await genuine(context);
      if (forgery.afterGenuine) await post(from.request);
      const expected = { ...forgery.expected, alternatively: forgery.alternatively };
      await send(context, forgery.name, forgery.forge(from), expected);
    }
  }
}
