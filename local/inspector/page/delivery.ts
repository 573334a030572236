import type { Detail, State } from '../contract.ts';
import { checksPart, stagesPart } from './checks.ts';
import { element, link } from './element.ts';
import { bodyPart, headersPart, logsPart, replyPart } from './message.ts';
import { hashOf } from './router.ts';
import { replayPart } from './replay.ts';
import type { Replayed } from './replay.ts';
import { part, sections } from './sections.ts';
import { tokenPart } from './token.ts';
import { milliseconds, providerName, reasonOf, shortType, timeElement, stateBadge } from './format.ts';

/** One delivery opened. */
export function deliveryView(state: () => State | undefined, replayed: Replayed) {
  return sections<Detail>([
    {
      name: 'heading',
      of: ({
        at,
        verdict,
        failed,
        reason,
        explained,
        outcomes,
        status,
        sent,
        call,
        milliseconds: took,
        replayOf,
        reported,
      }) => [
        [at, verdict, failed, reason, explained, outcomes, status, sent, call, took, replayOf, reported],
        state()?.forgeries.length,
      ],
      draw: (detail) => heading(detail, expectedOf(detail, state())),
    },
    {
      name: 'replay',
      of: ({ id, request, copyable }) => [id, request.body, request.cut, copyable],
      draw: (detail) => replayPart(detail, replayed),
    },
    { name: 'checks', of: ({ checks, reason, explained }) => [checks, reason, explained], draw: checksPart },
    { name: 'socket', of: ({ socket }) => socket, draw: socketPart },
    { name: 'log', of: ({ logs }) => logs, draw: logsPart },
    { name: 'token', of: ({ token }) => token, draw: tokenPart },
    { name: 'headers', of: ({ request }) => request.headers, draw: headersPart },
    { name: 'body', of: ({ request }) => [request.body, request.bytes, request.cut], draw: bodyPart },
    { name: 'reply', of: ({ reply, status }) => [reply, status], draw: replyPart },
    { name: 'stages', of: ({ stages }) => stages, draw: stagesPart },
  ]);
}

type Expected = { readonly status: number; readonly reason: string; readonly asExpected: boolean };

function expectedOf(
  { sent, status, verdict, reason, replayOf }: Detail,
  state: State | undefined,
): Expected | undefined {
  if (replayOf !== undefined || status === undefined || verdict === undefined) return undefined;
  const members = state?.forgeries.flatMap(({ members: all }) => all) ?? [];
  const known = members.find(({ name }) => name === sent);
  if (!known) return undefined;
  const right = [known, known.alternatively].find((one) => one?.status === status && one.reason === reason);
  return { ...(right ?? known), asExpected: right !== undefined };
}

function heading(detail: Detail, expected: Expected | undefined): HTMLElement {
  const { id, sent, method, path, at, provider, status, milliseconds: took, call, replayOf } = detail;
  const types = detail.types.map(shortType);
  const title = sent ?? types[0] ?? `${method} ${path}`;
  const beside = types.filter((type) => !title.startsWith(type)).join(', ');
  // Otherwise the check that it failed says it.
  const isAnswered = detail.checks.every(({ outcome }) => outcome === 'accepted');
  return element(
    'header',
    { class: 'opened' },
    element(
      'p',
      { class: 'over' },
      `Delivery ${id}, `,
      providerName(provider),
      ', ',
      timeElement(at),
      replayOf !== undefined && ', replay of ',
      replayOf !== undefined && link(hashOf({ at: 'delivery', id: replayOf }), `delivery ${replayOf}`),
    ),
    element(
      'h2',
      { tabindex: '-1' },
      element('bdi', {}, title),
      beside !== '' && element('small', {}, beside),
    ),
    element(
      'p',
      { class: 'outcome' },
      stateBadge(detail),
      detail.failed && element('span', {}, 'verified, but not handled:'),
      element('code', { class: 'reason' }, reasonOf(detail)),
      element('span', { class: 'facts' }, facts(status, took)),
    ),
    isAnswered && detail.explained !== undefined && element('p', {}, detail.explained),
    handledBefore(detail),
    expected && expectation(expected),
    detail.reported.length > 0 &&
      element(
        'p',
        { class: 'muted' },
        `A stricter setting would have refused it: ${detail.reported.join(', ')}.`,
      ),
    element('p', { class: 'way' }, element('code', {}, `${method} ${detail.request.target}`)),
    call !== undefined &&
      element('p', {}, 'Of the call ', link(hashOf({ at: 'call', id: call }), call, { class: 'call-link' })),
  );
}

/** Where the ledger answered for the handler. */
function handledBefore({ outcomes = [] }: Detail): HTMLElement | undefined {
  if (!outcomes.includes('handled-before')) return undefined;
  return element(
    'p',
    { class: 'from-ledger' },
    outcomes.length === 1
      ? 'Handled before: your handler did not run again. Replay it as a new event to run it.'
      : 'Some of its events were handled before: your handler did not run again for those.',
  );
}

function facts(status: number | undefined, took: number | undefined): string {
  if (status === undefined) return 'not answered yet';
  const answered = status === 0 ? 'no answer' : `status ${status}`;
  return took === undefined ? answered : `${answered}, ${milliseconds(took)} ms`;
}

function expectation({ status, reason, asExpected }: Expected): HTMLElement {
  return element(
    'p',
    {
      class: `expected ${asExpected ? 'as-expected' : 'not-expected'}`,
      'data-as-expected': String(asExpected),
    },
    asExpected ? 'As expected of this forgery: ' : 'Not as expected of this forgery, which is: ',
    element('code', {}, `${reason}, ${status}`),
  );
}

function socketPart({ socket, at }: Detail): HTMLElement | undefined {
  if (!socket) return undefined;
  const open =
    socket.closedAt === undefined ? 'still open' : `open for ${milliseconds(socket.closedAt - at)} ms`;
  return part('Socket', element('p', {}, open), factTable(socket.facts));
}

export function factTable(known: Readonly<Record<string, string | number>>): HTMLElement {
  return element(
    'dl',
    { class: 'facts-list' },
    ...Object.entries(known).flatMap(([name, value]) => [
      element('dt', {}, name),
      element('dd', {}, typeof value === 'number' ? value.toLocaleString('en') : value),
    ]),
  );
}
