import { attacks } from '../attacks.ts';
import { askToUpgrade } from '../upgrade.ts';
import { send, showUpgrade } from './stage.ts';
import type { Stage } from './stage.ts';

/** Every attack of the tables, each on the route that it is for. */
export async function playForgeries(stage: Stage, onFamily: (family: string) => void): Promise<void> {
  let last = '';
  for (const { family, on, name, expected, alternatively, make } of attacks) {
    if (family !== last) onFamily(family);
    last = family;
    const request = await make(stage);
    const right = { ...expected, alternatively };
    if (on === 'media') await showUpgrade(stage, name, await askToUpgrade(request), right);
    else await send(stage, name, request, right);
  }
}
