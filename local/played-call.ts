import { newReference } from '../shared/calls/callback-uri.ts';
import type { Reason } from '../shared/reasons.ts';
import type { DeliveryLine } from '../shared/telemetry/delivery-record.ts';
import type { SecretVersion } from '../shared/secrets/key-ring.ts';
import { mintCallbackKey } from '../shared/verification/callback-key.ts';
import { forgeries, forgeryFamilies } from './forgeries.ts';
import type { Forgery, Genuine } from './forgeries/forgery.ts';
import { post } from './request.ts';
import type { OutgoingRequest } from './request.ts';
import type { Acs } from './stand-ins/acs.ts';
import { newCall } from './stand-ins/call.ts';
import type { Row } from './table.ts';

/** What the play needs to know of the app it is played to. */
export type Stage = {
  readonly acs: Acs;
  /** A new callback URI of the app. */
  readonly callbackUri: () => Promise<string>;
  /** The app's own secret for callback keys. */
  readonly callbackSecret: SecretVersion;
  /** The line that the app logged for an invocation. */
  readonly lineOf: (invocation: string) => Promise<DeliveryLine>;
  readonly onRow: (row: Row) => void;
};

type Expected = { readonly status: number; readonly reason?: Reason; readonly outcome?: string };

/** One call from its first event to its last, with all that genuine traffic may look like. */
export async function playCall(stage: Stage): Promise<void> {
  const { acs } = stage;
  const call = newCall();
  const uri = await stage.callbackUri();
  const handled = { status: 200, outcome: 'handled' };

  const connected = call.event('CallConnected');
  await send(stage, 'CallConnected', callback(acs, uri, [connected]), handled);
  await send(stage, 'CallConnected, delivered again', callback(acs, uri, [connected]), {
    status: 200,
    outcome: 'handled-before',
  });
  // Without a jti, two tokens of one second are equal.
  const token = acs.token({ jti: false });
  for (const name of ['PlayStarted', 'ParticipantsUpdated'] as const) {
    await send(
      stage,
      `${name}, one token for two events`,
      callback(acs, uri, [call.event(name)], token),
      handled,
    );
  }
  await send(stage, 'PlayCompleted', callback(acs, uri, [call.event('PlayCompleted')]), handled);
  await send(stage, 'CallDisconnected', callback(acs, uri, [call.event('CallDisconnected')]), handled);
}

/** Every attack of the table, each on a call of its own. */
export async function playForgeries(stage: Stage, onFamily: (family: string) => void): Promise<void> {
  const uri = await stage.callbackUri();
  const play = async ({ name, expected, afterGenuine, forge }: Forgery) => {
    // An event that nobody has seen yet: a forgery that got in would be handled, and not pass for a repeat.
    const request = callback(stage.acs, afterGenuine ? await stage.callbackUri() : uri, [
      newCall().event('CallConnected'),
    ]);
    if (afterGenuine) await post(request);
    await send(stage, name, forge(genuine(stage, request)), expected);
  };
  // Those that wait for the issuer go out first, and their wait passes while the others are tried.
  const waiting = forgeries.filter(({ waits }) => waits).map(play);
  for (const [family, members] of Object.entries(forgeryFamilies)) {
    onFamily(family);
    for (const forgery of members) if (!forgery.waits) await play(forgery);
  }
  onFamily(
    'Keys that nobody knows: answered when the issuer was asked again, ten seconds after the last time',
  );
  await Promise.all(waiting);
}

/** A request as Call Automation sends it: a JSON array of events, under a new token unless one is given. */
export function callback(
  acs: Acs,
  uri: string,
  events: readonly unknown[],
  token: string = acs.token(),
): OutgoingRequest {
  return {
    url: uri,
    headers: [
      ['authorization', `Bearer ${token}`],
      ['content-type', 'application/json'],
    ],
    body: JSON.stringify(events),
  };
}

/** What a forger starts from. */
export function genuine(
  { acs, callbackSecret }: Pick<Stage, 'acs' | 'callbackSecret'>,
  request: OutgoingRequest,
): Genuine {
  return {
    request,
    acs,
    mintKey: ({ purpose = 'callback', expiresIn = 3600, secret } = {}) => {
      const version =
        secret === undefined ? callbackSecret : { ...callbackSecret, secret: Buffer.from(secret) };
      const expires = Math.floor(Date.now() / 1000) + expiresIn;
      return mintCallbackKey(version, purpose, { reference: newReference(), expires });
    },
  };
}

async function send(stage: Stage, sent: string, request: OutgoingRequest, expected: Expected): Promise<void> {
  const { status, headers, milliseconds } = await post(request);
  const line = await stage.lineOf(String(headers['x-ms-invocation-id']));
  const outcome = Object.keys(line.outcomes ?? {}).join(', ');
  const asExpected =
    status === expected.status && line.reason === expected.reason && outcome === (expected.outcome ?? '');
  stage.onRow({
    sent,
    verdict: line.verdict,
    reason: line.reason ?? outcome,
    status,
    milliseconds,
    asExpected,
  });
}
