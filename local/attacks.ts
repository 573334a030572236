import {
  forgeryFamilies,
  incomingForgeryFamilies,
  mediaForgeryFamilies,
  vonageForgeryFamilies,
} from './forgeries.ts';
import type { Forgery } from './providers/forgery.ts';
import type { FakeCloud } from './fake-cloud.ts';
import {
  callback,
  genuine,
  genuineIncoming,
  incomingDelivery,
  upgrade,
  vonageCallback,
} from './requests.ts';
import { post } from './http/request.ts';
import type { OutgoingRequest } from './http/request.ts';
import { newCall } from './providers/call-automation/call.ts';

/** To whom something is sent, and in whose name. */
export type Target = {
  readonly cloud: FakeCloud;
  readonly baseUrl: string;
  /** `ws://…` */
  readonly mediaUrl: string;
};

/** A forgery of the table that is ready to be made: from a genuine start of its own, on the route that it is for. */
export type Attack = Pick<Forgery, 'name' | 'expected' | 'waits' | 'afterGenuine'> & {
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
    members.map(({ name, expected, waits, afterGenuine, forge }) => ({
      family,
      on,
      name,
      expected,
      ...(waits && { waits }),
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
  ...of('media', mediaForgeryFamilies, async ({ cloud, mediaUrl }) =>
    genuine(cloud, await upgrade(cloud, mediaUrl)),
  ),
  ...of('callback', forgeryFamilies, async ({ cloud, baseUrl }) => {
    // An event that nobody has seen yet: a forgery that got in would be handled, and not pass for a repeat.
    const events = [newCall().event('CallConnected')];
    return genuine(cloud, callback(cloud.acs, await cloud.callbackUris(baseUrl)(), events));
  }),
  ...of('incoming-call', incomingForgeryFamilies, async ({ cloud, baseUrl }) =>
    genuineIncoming(cloud, incomingDelivery(cloud, baseUrl)),
  ),
  ...of('vonage', vonageForgeryFamilies, async ({ cloud, baseUrl }) => ({
    request: vonageCallback(cloud, baseUrl),
    vonage: cloud.vonage,
  })),
];
