import { attacks } from '../attacks.ts';
import type { Attack } from '../attacks.ts';
import { askToUpgrade } from '../http/upgrade.ts';
import { send, showUpgrade } from './context.ts';
import type { ScenarioContext } from './context.ts';

/** Every attack of the tables, each on the route that it is for. */
export async function playForgeries(stage: ScenarioContext, onFamily: (family: string) => void): Promise<void> {
  const play = async ({ on, name, expected, make }: Attack) => {
    const request = await make(stage);
    if (on === 'media') await showUpgrade(stage, name, await askToUpgrade(request), expected);
    else await send(stage, name, request, expected);
  };
  // Those that wait for the issuer or the vault go out first, and their wait passes while the others are tried.
  const waiting = attacks.filter(({ waits }) => waits).map(play);
  let last = '';
  for (const attack of attacks) {
    if (attack.waits) continue;
    if (attack.family !== last) onFamily(attack.family);
    last = attack.family;
    await play(attack);
  }
  onFamily(
    'Keys that nobody knows: answered when issuer and vault were asked again, ten seconds after the last time',
  );
  await Promise.all(waiting);
}
