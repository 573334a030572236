import { styleText } from 'node:util';
import { playIncomingCall, playPlacedCall } from '../providers/call-automation/scenarios.ts';
import { playForgeries } from './forgeries.ts';
import { playGenuineTraffic } from '../providers/call-automation/genuine-traffic.ts';
import type { ScenarioContext } from './context.ts';
import { playSecondSocket, playStreamedCall } from '../providers/call-automation/media-scenarios.ts';
import { playVonage } from '../providers/vonage/scenarios.ts';
import { tableHead, tableRow } from './table.ts';
import type { Row } from './table.ts';

const head = (title: string) => console.log(`\n${title}\n${tableHead()}`);

/** Plays a call that comes in; prints a row for each request as it is answered. */
export async function playOneCall(
  given: Omit<ScenarioContext, 'onRow'>,
  onRow = (row: Row) => console.log(tableRow(row)),
): Promise<void> {
  head('A call comes in, is answered, hears the greeting and is over');
  await playIncomingCall({ ...given, onRow });
}

/** Plays calls, the rest of genuine traffic, and every forgery; prints a row for each request as it is answered. */
export async function playEverything(given: Omit<ScenarioContext, 'onRow'>): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const onRow = (row: Row) => {
    rows.push(row);
    console.log(tableRow(row));
  };
  const stage = { ...given, onRow };

  await playOneCall(given, onRow);
  head('A call is placed, and ended when somebody answered');
  await playPlacedCall(stage);
  head('A call is placed, and what is heard and said in it is streamed');
  await playStreamedCall(stage);
  await playSecondSocket(stage);
  head('Vonage calls back, once for each kind');
  await playVonage(stage);
  head('What else is genuine');
  await playGenuineTraffic(stage);
  head('Forgeries');
  const onFamily = (family: string) => console.log(`  ${styleText('dim', family)}`);
  await playForgeries(stage, onFamily);
  return rows;
}
