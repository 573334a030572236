import { forgeryFamilies, incomingForgeryFamilies, vonageForgeryFamilies } from '../forgeries.ts';
import type { Forgery } from '../forgeries/forgery.ts';
import { post } from '../request.ts';
import { newCall } from '../stand-ins/call.ts';
import { callback, genuine, genuineIncoming, incomingDelivery, vonageCallback } from './requests.ts';
import { send } from './stage.ts';
import type { Stage } from './stage.ts';

/** Every attack of the table on the Call Automation route, each on a call of its own. */
export async function playForgeries(stage: Stage, onFamily: (family: string) => void): Promise<void> {
  const { clouds, baseUrl } = stage;
  const callbackUri = clouds.callbackUris(baseUrl);
  const uri = await callbackUri();
  const play = async ({ name, expected, afterGenuine, forge }: Forgery) => {
    // An event that nobody has seen yet: a forgery that got in would be handled, and not pass for a repeat.
    const events = [newCall().event('CallConnected')];
    const request = callback(clouds.acs, afterGenuine ? await callbackUri() : uri, events);
    if (afterGenuine) await post(request);
    await send(stage, name, forge(genuine(clouds, request)), expected);
  };
  // Those that wait for the issuer or the vault go out first, and their wait passes while the others are tried.
  const all = Object.values(forgeryFamilies).flat();
  const waiting = all.filter(({ waits }) => waits).map(play);
  for (const [family, members] of Object.entries(forgeryFamilies)) {
    onFamily(family);
    for (const forgery of members) if (!forgery.waits) await play(forgery);
  }
  await playIncomingForgeries(stage, onFamily);
  await playVonageForgeries(stage, onFamily);
  onFamily(
    'Keys that nobody knows: answered when issuer and vault were asked again, ten seconds after the last time',
  );
  await Promise.all(waiting);
}

/** Every attack of the table on the incoming-call route. */
async function playIncomingForgeries(stage: Stage, onFamily: (family: string) => void): Promise<void> {
  const { clouds, baseUrl } = stage;
  for (const [family, members] of Object.entries(incomingForgeryFamilies)) {
    onFamily(family);
    for (const { name, expected, forge } of members) {
      await send(stage, name, forge(genuineIncoming(clouds, incomingDelivery(clouds, baseUrl))), expected);
    }
  }
}

/** Every attack of the table on the routes of Vonage. */
async function playVonageForgeries(stage: Stage, onFamily: (family: string) => void): Promise<void> {
  const { clouds, baseUrl } = stage;
  for (const [family, members] of Object.entries(vonageForgeryFamilies)) {
    onFamily(family);
    for (const { name, expected, forge } of members) {
      const request = vonageCallback(clouds, baseUrl);
      await send(stage, name, forge({ request, vonage: clouds.vonage }), expected);
    }
  }
}
