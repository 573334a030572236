import {
  forgeryFamilies,
  incomingForgeryFamilies,
  mediaForgeryFamilies,
  vonageForgeryFamilies,
} from './forgeries.ts';
import type { Forgery } from './forgeries/forgery.ts';
import type { Clouds } from './play/clouds.ts';
import {
  callback,
  genuine,
  genuineIncoming,
  incomingDelivery,
  upgrade,
  vonageCallback,
} from './play/requests.ts';
import { post } from './request.ts';
import type { OutgoingRequest } from './request.ts';
import { newCall } from './stand-ins/call.ts';

/** To whom something is sent, and in whose name. */
export type Target = {
  readonly clouds: Clouds;
  readonly baseUrl: string;
  /** `ws://…` */
  readonly mediaUrl: string;
};

/** A forgery of the table that is ready to be made: from a genuine start of its own, on the route that it is for. */
export type Attack = Pick<Forgery, 'name' | 'expected' | 'alternatively' | 'afterGenuine'> & {
  readonly family: string;
  readonly on: 'callback' | 'incoming-call' | 'vonage' | 'media';
  /**
   * Makes it anew.
   *
   * @param deliver delivers what has to come before it; posts it where nothing else is said
   */
  readonly make: (
    target: Target,
    deliver?: (request: OutgoingRequest) => Promise<unknown>,
  ) => Promise<OutgoingRequest>;
};

function of<Start>(
  on: Attack['on'],
  families: Readonly<Record<string, readonly Forgery<Start>[]>>,
  start: (target: Target) => Promise<Start & { readonly request: OutgoingRequest }>,
): readonly Attack[] {
  return Object.entries(families).flatMap(([family, members]) =>
    members.map(({ name, expected, alternatively, afterGenuine, forge }) => ({
      family,
      on,
      name,
      expected,
      ...(alternatively && { alternatively }),
      ...(afterGenuine && { afterGenuine }),
      make: async (target: Target, deliver: (request: OutgoingRequest) => Promise<unknown> = post) => {
        const from = await start(target);
        if (afterGenuine) await deliver(from.request);
        return forge(from);
      },
    })),
  );
}

/** Every attack, in the order of the tables. Their names are all different. */
export const attacks: readonly Attack[] = [
  ...of('media', mediaForgeryFamilies, async ({ clouds, mediaUrl }) =>
    genuine(clouds, await upgrade(clouds, mediaUrl)),
  ),
  ...of('callback', forgeryFamilies, async ({ clouds, baseUrl }) => {
    // An event that nobody has seen yet: a forgery that got in would be handled, and not pass for a repeat.
    const events = [newCall().event('CallConnected')];
    return genuine(clouds, callback(clouds.acs, await clouds.callbackUris(baseUrl)(), events));
  }),
  ...of('incoming-call', incomingForgeryFamilies, async ({ clouds, baseUrl }) =>
    genuineIncoming(clouds, incomingDelivery(clouds, baseUrl)),
  ),
  ...of('vonage', vonageForgeryFamilies, async ({ clouds, baseUrl }) => ({
    request: vonageCallback(clouds, baseUrl),
    vonage: clouds.vonage,
  })),
];
