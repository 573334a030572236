import { randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import { systemClock } from '../../../../shared/clock.ts';
import type { Clock } from '../../../../shared/clock.ts';
import type { Acs } from '../acs.ts';
import { api } from './api.ts';
import { newIncomingCall } from './incoming-call.ts';
import type { IncomingCallData } from './incoming-call.ts';
import { disconnect, liveCall } from './live-call.ts';
import type { LiveCall, Tell } from './live-call.ts';
import type { Service } from './operation.ts';
import { streamSockets } from './sockets.ts';
import { outbox } from './outbox.ts';
import type { Persistence } from './outbox.ts';
import { listening } from '../../../fakes/listening.ts';
import type { ManagedIdentity } from '../../../fakes/managed-identity.ts';

const TONES = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'zero'];
/** Calls that go on by hand; the oldest are forgotten. */
const MOST_BY_HAND = 1000;
const PERSISTENCE: Persistence = { attempts: 4, pauseMilliseconds: 250 };

/**
 * Call Automation of Azure Communication Services: the REST API that `CallAutomationClient` speaks, and the events that
 * its operations cause, sent to the app in the name of `acs`.
 *
 * @param host the name under which the service is known, such as `ringward.communication.azure.com`
 * @param tls a certificate for that name and its key, in PEM
 * @param persistence how often an event is sent that is answered 5xx or not at all
 * @param tones what the called party presses, so many at most
 * @param clock for the pauses between attempts to deliver
 */
export async function startCallAutomation(options: {
  host: string;
  tls: { cert: string; key: string };
  identity: ManagedIdentity;
  acs: Pick<Acs, 'token' | 'mediaToken'>;
  persistence?: Persistence;
  tones?: (most: number) => readonly string[];
  clock?: Clock;
}) {
  const { host, tls, identity, acs, persistence = PERSISTENCE, clock = systemClock } = options;
  const accessKey = randomBytes(64).toString('base64');
  const events = outbox({ token: () => acs.token(), persistence, clock });
  const sockets = streamSockets({ token: acs.mediaToken, begin: events.begin, clock });

  const byHand: string[] = [];
  const service: Service = {
    calls: new Map(),
    ringing: new Map(),
    recordings: new Map(),
    open(given) {
      const call = liveCall(given, events, sockets);
      service.calls.set(call.callConnectionId, call);
      return call;
    },
    tones: options.tones ?? ((most) => TONES.slice(0, most)),
  };
  const { listener, ...rest } = api({ identity, accessKey, service, begin: events.begin });
  const { port, down, up } = await listening(createServer(tls, listener));
  const endpoint = `https://${host}`;

  function callOf(callConnectionId: string): LiveCall {
    const call = service.calls.get(callConnectionId);
    if (!call) throw new Error(`There is no call ${callConnectionId}`);
    return call;
  }

  return {
    host,
    port,
    endpoint,
    /** With the access key, as the portal shows it. */
    connectionString: `endpoint=${endpoint}/;accesskey=${accessKey}`,
    ...rest,
    /** A call that rings from now on; its context is good for one answer, rejection or redirection. */
    incomingCall(change?: Partial<IncomingCallData>): IncomingCallData {
      const incoming = newIncomingCall(change);
      service.ringing.set(incoming.incomingCallContext, incoming);
      return incoming;
    },
    /** A call that goes on without having begun here: for events that are sent by hand, and what handlers do then. */
    goingOn(callbackUri: string): LiveCall {
      const call = service.open({ callbackUri, targets: [] });
      call.state = 'connected';
      byHand.push(call.callConnectionId);
      if (byHand.length > MOST_BY_HAND) service.calls.delete(byHand.shift() ?? '');
      return call;
    },
    /** The caller gives up: the call can be answered no more. */
    giveUp: ({ incomingCallContext }: IncomingCallData) =>
      void service.ringing.set(incomingCallContext, undefined),
    /** The other side hangs up. */
    hangUp: (callConnectionId: string) => disconnect(callOf(callConnectionId))(),
    /** Sends any event of a call, for what no operation leads to here. */
    tell: (callConnectionId: string, ...event: Parameters<Tell>) => callOf(callConnectionId).tell(...event),
    calls: (): readonly LiveCall[] => [...service.calls.values()],
    deliveries: events.deliveries,
    /** The WebSockets that are over, or never were. */
    streams: sockets.over,
    onDelivery: events.onDelivery,
    /** Resolves when no request is being answered and no delivery is pending. */
    idle: events.idle,
    down,
    up,
    async close() {
      events.close();
      sockets.close();
      await down();
    },
  };
}

export type CallAutomation = Awaited<ReturnType<typeof startCallAutomation>>;
