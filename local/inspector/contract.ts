import type { Reason } from '../../shared/reasons.ts';

/*
 * What the page and `npm start` tell one another. The routes, all on loopback and all held against Host and Origin:
 *
 *   GET  /                              the page; its other files lie under /inspector/page/
 *   GET  /inspector/state               State
 *   GET  /inspector/live?after=<id>     server-sent events: `deliveries` with Summary[] (new ones, or known ones that
 *                                       changed), `state` with State, `forgotten` with the lowest id that is still kept
 *   GET  /inspector/deliveries/<id>     Detail, or 404 when it is no longer kept
 *   GET  /inspector/calls/<id>          CallView, or 404
 *   POST /inspector/send                SendAction -> SendResult, or lines of SendResult where `count` is given
 *   POST /inspector/replay              ReplayAction -> SendResult
 *   POST /inspector/outages             OutageAction -> State
 *   POST /inspector/rotations           RotationAction -> State
 *
 * Nothing secret goes either way: tokens, keys and contexts are masked before they leave the process.
 */

export type Verdict = 'accepted' | 'rejected' | 'unavailable';

/** One delivery in the list. Times in milliseconds since the epoch, durations in milliseconds. */
export type Summary = {
  /** Counts up from 1 in the order of arrival. */
  readonly id: number;
  readonly at: number;
  readonly provider: 'call-automation' | 'event-grid' | 'vonage' | 'media' | 'perimeter' | 'none';
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** What the body says it brings, proved or not; of a socket, what its ticket was minted for. */
  readonly types: readonly string[];
  /** Absent until it is answered; `none` where no function of the app was asked. */
  readonly verdict?: Verdict | 'none';
  readonly reason?: Reason;
  /** What became of its events, such as `handled` or `handled-before`. */
  readonly outcomes?: readonly string[];
  /** Absent until it is answered; 0 where the connection ended without an answer. */
  readonly status?: number;
  readonly milliseconds?: number;
  /** The call that it belongs to, once that is proved. */
  readonly call?: string;
  /** What the one who sent it called it: a forgery, a kind of event. Absent where it came from outside. */
  readonly sent?: string;
  /** The delivery that it repeats. */
  readonly replayOf?: number;
};

export type CheckShown = {
  readonly name: string;
  readonly outcome: 'accepted' | 'rejected' | 'unavailable' | 'not-reached';
  readonly milliseconds?: number;
};

export type Header = { readonly name: string; readonly value: string; readonly masked: boolean };

export type Detail = Summary & {
  /** In their order, those that were not reached among them. */
  readonly checks: readonly CheckShown[];
  /** Milliseconds of each stage of the pipeline that was reached, in their order. */
  readonly stages: Readonly<Record<string, number>>;
  /** What the reason means, from the table of reasons. */
  readonly explained?: string;
  readonly request: {
    /** Path and query, secrets masked. */
    readonly target: string;
    readonly headers: readonly Header[];
    /** Text with its secrets masked; absent where the bytes are no UTF-8. */
    readonly body?: string;
    readonly bytes: number;
    /** Whether more came than is kept: then it cannot be sent again. */
    readonly cut: boolean;
  };
  readonly reply?: { readonly headers: readonly Header[]; readonly body: string };
  /** Of the token as it was sent, proved or not; absent where there was none that could be decoded. */
  readonly token?: {
    readonly header: Readonly<Record<string, unknown>>;
    readonly claims: Readonly<Record<string, unknown>>;
  };
  /** What the handler wrote, and what the app told of it. */
  readonly logs: readonly { readonly at: number; readonly level: string; readonly message: string }[];
  /** What a stricter setting would have refused. */
  readonly reported: readonly Reason[];
  /** Of a socket that was let in: when it ended, and what it carried. */
  readonly socket?: { readonly closedAt?: number; readonly facts: Readonly<Record<string, string | number>> };
};

/** A call: what came of it, oldest first. */
export type CallView = {
  readonly id: string;
  /** Its names: callConnectionId, serverCallId and so on. */
  readonly names: Readonly<Record<string, string>>;
  readonly from: number;
  readonly to: number;
  readonly deliveries: readonly Summary[];
};

export type Part = 'keys' | 'vault' | 'ledger';

type Refusal = { readonly status: number; readonly reason: Reason };

export type State = {
  /** `starting` while the app starts anew. */
  readonly app: 'running' | 'starting' | 'failed';
  readonly baseUrl: string;
  readonly outages: readonly Part[];
  /** What can be sent, for the buttons. */
  readonly genuine: readonly { readonly group: string; readonly names: readonly string[] }[];
  readonly forgeries: readonly {
    readonly family: string;
    readonly members: readonly (Refusal & {
      readonly name: string;
      /** Another refusal that is right as well. */
      readonly alternatively?: Refusal;
    })[];
  }[];
  /** How many deliveries are kept at most. */
  readonly kept: number;
};

export type SendAction = {
  /** A name of `genuine`. Left out where `forge` says enough. */
  readonly event?: string;
  /** A name of `forgeries`. */
  readonly forge?: string;
  /** Somewhere else than the app of this `npm start`. */
  readonly to?: string;
  /** How many, and how many a second at most. */
  readonly count?: number;
  readonly rate?: number;
};

export type SendResult = {
  /** The delivery, where it came to the app of this `npm start`. */
  readonly id?: number;
  readonly sent: string;
  /** 0 where no answer came. */
  readonly status: number;
  readonly verdict?: Summary['verdict'];
  readonly reason?: string;
  readonly milliseconds: number;
};

export type ReplayAction = {
  readonly id: number;
  /** As it was; under new signatures; or with another body, under new signatures. */
  readonly how: 'as-it-was' | 'signed-anew' | 'edited';
  /** With `edited`. What is masked in it is put back where it stood. */
  readonly body?: string;
};

export type OutageAction = { readonly part: Part; readonly out: boolean };
export type RotationAction = { readonly part: 'keys' | 'vault' };
