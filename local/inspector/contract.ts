import type { Reason } from '../../shared/reasons.ts';

/*
 * The HTTP API between the page and `npm start`. Every route is below /inspector/<token>/, on loopback, and checks Host and
 * Origin:
 *
 *   GET                     the page; its other files lie under page/
 *   GET  state              State
 *   GET  live?after=<id>    server-sent events: `deliveries` with Summary[] (new ones, or known ones that changed), `state`
 *                           with State, `forgotten` with the lowest id that is still kept
 *   GET  deliveries/<id>    Detail, or 404 when it is no longer kept
 *   GET  deliveries/<id>/curl   CurlCommand, or 409 where the delivery is not `copyable`
 *   GET  calls/<id>         CallView, or 404
 *   POST send               SendAction -> SendResult, or lines of SendResult where `count` is given
 *   POST replay             ReplayAction -> SendResult
 *   POST outages            OutageAction -> State
 *   POST rotations          RotationAction -> State
 *   POST caller             CallerAction -> CallerShown, or 409 with a sentence where it is not possible now
 *
 * Tokens, keys and contexts are masked before they leave the process. Only a CurlCommand has secrets: those of the fake
 * services.
 */

export type Verdict = 'accepted' | 'rejected' | 'unavailable';

/** One delivery in the list. Times in milliseconds since the epoch, durations in milliseconds. */
export type Summary = {
  /** Counts up from 1 in the order of arrival. */
  readonly id: number;
  readonly at: number;
  /** The provider's name in the log; `none` where no function answers. */
  readonly provider: string;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** The types that the body claims, verified or not; for a socket, the purpose of its ticket. */
  readonly types: readonly string[];
  /** Absent until it is answered; `none` where no function of the app was asked. */
  readonly verdict?: Verdict | 'none';
  readonly reason?: Reason;
  /** The sender was verified, but the delivery was not handled: its handler threw or timed out, or the ledger was lost. */
  readonly failed?: true;
  /** The outcomes of its events, such as `handled` or `handled-before`. */
  readonly outcomes?: readonly string[];
  /** Absent until it is answered; 0 where the connection ended without an answer. */
  readonly status?: number;
  readonly milliseconds?: number;
  /** The call that it belongs to, once it is verified. */
  readonly call?: string;
  /** The sender's name for it: a forgery or a sample. Absent where it came from outside. */
  readonly sent?: string;
  /** A forgery that `npm start` played by itself. */
  readonly played?: true;
  /** Who calls, by name or number, where this delivery says it. */
  readonly caller?: string;
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
  /** In their order, including those that were not reached. */
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
    /** Whether more arrived than is kept: then it cannot be sent again. */
    readonly cut: boolean;
  };
  readonly reply?: { readonly headers: readonly Header[]; readonly body: string };
  /** The token as it was sent, verified or not; absent where none could be decoded. */
  readonly token?: {
    readonly header: Readonly<Record<string, unknown>>;
    readonly claims: Readonly<Record<string, unknown>>;
  };
  /** The logs of the handler and of the app. */
  readonly logs: readonly { readonly at: number; readonly level: string; readonly message: string }[];
  /** The reasons for which a stricter setting would have refused it. */
  readonly reported: readonly Reason[];
  /** Whether there is a CurlCommand: the delivery is whole, no socket, and carries only secrets of the fake services. */
  readonly copyable: boolean;
  /** Of a socket that was let in: when it ended, and what it carried. */
  readonly socket?: { readonly closedAt?: number; readonly facts: Readonly<Record<string, string | number>> };
};

/** A command for a POSIX shell that sends a delivery again as it was. */
export type CurlCommand = { readonly command: string };

/** A call and its deliveries, oldest first. */
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
  /** What the buttons can send. */
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
  /** The calls that the user placed: those that go on, and the latest that are over; the newest last. */
  readonly callers: readonly CallerShown[];
};

/** The fake caller of a call that the user placed. */
export type CallerShown = {
  /** Counts the calls that the user placed, from 1. */
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly placedAt: number;
  /** Of the call: serverCallId, correlationId, and callConnectionId once it is answered. */
  readonly names: Readonly<Record<string, string>>;
  readonly state: 'ringing' | 'connected' | 'asked' | 'over';
  /** What the caller has noticed since the user acted, such as `the app said "Press 1." and asked for digits (1 at most), 10 s`. */
  readonly says: string;
};

export type CallerAction = {
  /** Such as `call`, `press 1`, `say sales`, `silent` or `hang up`. */
  readonly act: string;
  readonly by: 'page' | 'send';
  /** A name of the call; by default the newest that goes on. */
  readonly call?: string;
};

export type SendAction = {
  /** A name of `genuine`. Left out where `forge` says enough. */
  readonly event?: string;
  /** A name of `forgeries`. */
  readonly forge?: string;
  /** Another app than that of this `npm start`: on this machine, or one that `--send-to` names. */
  readonly to?: string;
  /** How many, and how many a second at most. */
  readonly count?: number;
  readonly rate?: number;
};

export type SendResult = {
  /** The delivery, where it arrived at the app of this `npm start`. */
  readonly id?: number;
  /** Of a whole call: the call that it is about. */
  readonly call?: string;
  readonly sent: string;
  /** 0 where no answer came. */
  readonly status: number;
  readonly verdict?: Summary['verdict'];
  readonly reason?: string;
  readonly milliseconds: number;
};

export type ReplayAction = {
  readonly id: number;
  /**
   * Byte for byte, with new signatures, or with new signatures, ids and times. Of an event that was handled before, only the
   * last one runs the handler again.
   */
  readonly how: 'as-it-was' | 'signed-anew' | 'as-a-new-event';
  /** Another body, unless it is sent as it was. Masked secrets are restored. */
  readonly body?: string;
};

export type OutageAction = { readonly part: Part; readonly out: boolean };
export type RotationAction = { readonly part: 'keys' | 'vault' };
