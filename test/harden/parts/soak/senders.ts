import { setTimeout as wait } from 'node:timers/promises';
import { callbackForgeries } from '../../../../local/providers/call-automation/forgeries/index.ts';
import type { Forgery } from '../../../../local/providers/forgery.ts';
import { callback, genuineCall } from '../../../../local/providers/call-automation/requests.ts';
import type { OutgoingRequest } from '../../../../local/http/request.ts';
import { newCall } from '../../../../local/providers/call-automation/requests.ts';
import type { Fleet } from '../../fleet.ts';
import { FORGED } from './books.ts';
import type { Books } from './books.ts';
import type { Weather } from './weather.ts';
import { abort, drip, newAgent, send } from './wire.ts';

/** How many of each kind send at once, each as fast as it is answered. */
const SENDERS = { genuine: 10, forged: 10, strange: 2, oversize: 1, slow: 6, aborted: 2 };
/** A sender comes again after this, in milliseconds, and gives up after so long. */
const AGAIN = 100;
const HEARSAY = 200;
const GIVES_UP = 240_000;
/** What can be told only with the issuer's keys, the vault, or the ledger. */
const NEEDS_KEYS = ['token-signature', 'token-key-unknown'];
const NEEDS_VAULT = ['callback-key-unknown-id'];

type Event = {
  readonly uri: string;
  /** Since when there is the secret that its URI was signed with. */
  readonly secretSince: number;
  readonly event: unknown;
};

/** Everybody who sends to the app, each knowing what has to come of it. */
export function newSenders(fleet: Fleet, weather: Weather, books: Books) {
  const { cloud, random } = fleet;
  const { acs } = cloud;
  const agent = newAgent();
  let over = false;
  const between = (least: number, most: number) => least + random() * (most - least);
  const chosen = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  const forgeries = Object.values(callbackForgeries).flat();
  const known = forgeries.filter(({ afterGenuine, alternatively }) => !afterGenuine && !alternatively);
  const strange = forgeries.filter(({ alternatively }) => alternatively);

  async function newEvent(id: string): Promise<Event> {
    const operationContext = String(Math.floor(between(0, 20)));
    const event = { ...newCall().event('PlayCompleted', { operationContext }), id };
    const { uri, since } = await weather.callbackUri();
    return { event, uri, secretSince: since };
  }
  const requestOf = ({ uri, event }: Event, token?: string): OutgoingRequest =>
    callback(acs, uri, [event], token);

  /** Nobody can tell anything about a request whose secret came to be while the vault was out. */
  const secretWasOut = ({ secretSince }: Event, since: number) =>
    weather.secretIsStrange(secretSince) && weather.wasOut('vault', since);

  /** Sends until it is answered 200, as a real sender does, and says what must not have been. */
  async function untilTaken(
    event: Event,
    first: (request: OutgoingRequest) => Promise<number> = (request) => send(agent, request),
    mayBeBusy = false,
  ): Promise<void> {
    const began = Date.now();
    for (let attempt = 0; Date.now() - began < GIVES_UP; attempt++) {
      const since = Date.now();
      const keyIsStrange = weather.keyIsStrange();
      const request = requestOf(event);
      const status = attempt === 0 ? await first(request) : await send(agent, request);
      books.count(`genuine ${status}`);
      if (status === 200) return;
      // What the app says of it comes another way than its answer.
      if (status === 503) await wait(HEARSAY);
      const excused =
        weather.wasOut('table', since) ||
        ((keyIsStrange || weather.keyIsStrange()) && weather.wasOut('issuer', since)) ||
        secretWasOut(event, since) ||
        weather.isNew(event.secretSince, since);
      if (status !== 503) books.violated(`a genuine event was answered ${status}`);
      else if (!excused && !mayBeBusy) books.violated('a genuine event was answered 503 while all was well');
      await wait(AGAIN);
    }
    books.violated('a genuine event was never taken');
  }

  async function genuineOne(): Promise<void> {
    const event = await newEvent(books.newId());
    await untilTaken(event);
    if (random() < 0.1) await untilTaken(event); // a repeat
  }

  async function slowOne(): Promise<void> {
    const event = await newEvent(books.newId());
    const pieces = Math.floor(between(2, 40));
    await untilTaken(event, (request) => drip(request, pieces, between(100, 3000)));
  }

  /** Of a part of a request nothing may come; of one whose answer nobody awaited, the event may be handled. */
  async function abortedOne(): Promise<void> {
    if (random() < 0.5) {
      await abort(requestOf(await newEvent(FORGED)), between(0, 0.99));
      books.count('aborted in its body');
    } else {
      const event = await newEvent(books.newId());
      await abort(requestOf(event), 1);
      books.count('aborted before its answer');
      await untilTaken(event, undefined, true);
    }
  }

  async function forgedOne(forgery: Forgery): Promise<void> {
    const since = Date.now();
    const { expected, alternatively, forge } = forgery;
    const event = await newEvent(FORGED);
    const request = forge(genuineCall(cloud, requestOf(event)));
    const before = weather.keyIsStrange();
    const status = await send(agent, request);
    books.count(`forged ${status}`);
    if (status === 503) await wait(HEARSAY);
    const strangers = before || weather.keyIsStrange() || alternatively !== undefined;
    const excused =
      status === 503 &&
      (alternatively?.status === status ||
        (expected.status === 401 && weather.isNew(event.secretSince, since)) ||
        (strangers && NEEDS_KEYS.includes(expected.reason) && weather.wasOut('issuer', since)) ||
        (NEEDS_VAULT.includes(expected.reason) && weather.wasOut('vault', since)) ||
        (expected.status === 401 && secretWasOut(event, since)));
    if (status !== expected.status && !excused)
      books.violated(`${expected.reason} was answered ${status} instead of ${expected.status}`);
  }

  async function oversizeOne(): Promise<void> {
    const request = requestOf(await newEvent(FORGED));
    const status = await send(agent, { ...request, body: `[${' '.repeat(1024 * 1024)}]` });
    books.count(`oversize ${status}`);
    if (status !== 413) books.violated(`an oversize body was answered ${status}`);
    await wait(50);
  }

  const work: Readonly<Record<keyof typeof SENDERS, () => Promise<void>>> = {
    genuine: genuineOne,
    forged: () => forgedOne(chosen(known)),
    strange: () => forgedOne(chosen(strange)),
    oversize: oversizeOne,
    slow: slowOne,
    aborted: abortedOne,
  };

  return {
    /** Ends when it was told to, and everybody has an answer. */
    async run(): Promise<void> {
      const all = Object.entries(SENDERS).flatMap(([kind, number]) =>
        Array.from({ length: number }, async () => {
          while (!over) await work[kind as keyof typeof SENDERS]();
        }),
      );
      await Promise.all(all);
      agent.destroy();
    },
    end: () => {
      over = true;
    },
  };
}
