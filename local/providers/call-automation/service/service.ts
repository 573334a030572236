import { randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import { systemClock } from '../../../../shared/clock.ts';
import type { Clock } from '../../../../shared/clock.ts';
import type { Acs } from '../acs.ts';
import type { CallIds } from '../requests.ts';
import { api } from './api.ts';
import { newIncomingCall } from './incoming-call.ts';
import type { IncomingCallData } from './incoming-call.ts';
import { disconnect, liveCall } from './live-call.ts';
import { streamSockets } from './sockets.ts';
import { outbox } from './outbox.ts';
import type { Persistence } from './outbox.ts';
import { listening } from '../../../fakes/listening.ts';
import type { ManagedIdentity } from '../../../fakes/managed-identity.ts';
import type { LiveCall, Service, Tell } from './model.ts';
import { userCaller } from './user-caller.ts';
import type { Line, UserCaller } from './user-caller.ts';

const TONES = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'zero'];
/** Calls of samples. The oldest are dropped. */
const MAX_SAMPLE_CALLS = 1000;
const PERSISTENCE: Persistence = { attempts: 4, pauseMilliseconds: 250 };

/**
 * A fake Call Automation service: the REST API that `CallAutomationClient` speaks, and the events that its operations
 * cause, with the tokens of `acs`.
 *
 * @param host the name of the service, such as `ringward.communication.azure.com`
 * @param tls a certificate for that name and its key, in PEM
 * @param persistence retries after a 5xx or no answer
 * @param tones the tones that the called party presses
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

  const sampleCalls: string[] = [];
  const userCallers: UserCaller[] = [];
  const service: Service = {
    calls: new Map(),
    ringing: new Map(),
    recordings: new Map(),
    callers: new Map(),
    telephony: { numbers: [], trunks: new Map() },
    open(given) {
      const call = liveCall(given, events, sockets);
      service.calls.set(call.callConnectionId, call);
      return call;
    },
    tones: options.tones ?? ((most) => TONES.slice(0, most)),
  };
  const onCaller = new Set<(caller: UserCaller, line?: Line) => void>();
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
    telephony: service.telephony,
    /** A call that rings from now on. Its context is valid for one answer, rejection or redirection. */
    incomingCall(change?: Partial<IncomingCallData>): IncomingCallData {
      const incoming = newIncomingCall(change);
      service.ringing.set(incoming.incomingCallContext, incoming);
      return incoming;
    },
    /**
     * A call that rings from now on, whose caller the user drives.
     *
     * @param timesOut whether the caller's silence ends a recognition by itself
     */
    userCall({ timesOut }: { timesOut: boolean }): UserCaller {
      const incoming = newIncomingCall();
      const { incomingCallContext: context } = incoming;
      const caller: UserCaller = userCaller(incoming, {
        clock,
        timesOut,
        stopRinging: () => void service.ringing.set(context, undefined),
        onChange: (line) => onCaller.forEach((listener) => listener(caller, line)),
      });
      service.ringing.set(context, incoming);
      service.callers.set(context, caller);
      userCallers.push(caller);
      return caller;
    },
    /** The callers that the user drives, the newest last; and whether a call has one. */
    callers: (): readonly UserCaller[] => [...userCallers],
    isUsers: (callConnectionId: string) => service.calls.get(callConnectionId)?.caller !== undefined,
    /** Calls the listener when what one of them notices may have changed, and with each line of its call. */
    onCaller: (listener: (caller: UserCaller, line?: Line) => void) => void onCaller.add(listener),
    /** A connected call for a sample, so that the actions of its handler succeed. */
    goingOn(callbackUri: string): CallIds {
      const { from: source, to } = newIncomingCall();
      const call = service.open({ callbackUri, source, targets: [to] });
      call.state = 'connected';
      const { callConnectionId, serverCallId, correlationId } = call;
      sampleCalls.push(callConnectionId);
      if (sampleCalls.length > MAX_SAMPLE_CALLS) service.calls.delete(sampleCalls.shift() ?? '');
      return { callConnectionId, serverCallId, correlationId };
    },
    /** The caller hangs up before the call is answered. */
    giveUp: ({ incomingCallContext }: IncomingCallData) =>
      void service.ringing.set(incomingCallContext, undefined),
    /** The other side hangs up. */
    hangUp: (callConnectionId: string) => disconnect(callOf(callConnectionId))(),
    /** Sends an event of a call that no operation causes. */
    tell: (callConnectionId: string, ...event: Parameters<Tell>) => callOf(callConnectionId).tell(...event),
    calls: (): readonly LiveCall[] => [...service.calls.values()],
    deliveries: events.deliveries,
    /** The WebSockets that have closed, or did not open. */
    streams: sockets.over,
    onDelivery: events.onDelivery,
    /** Resolves when no request is being answered and no delivery is pending. */
    idle: events.idle,
    down,
    up,
    async close() {
      onCaller.clear();
      for (const caller of service.callers.values()) caller.end('the service ends');
      events.close();
      sockets.close();
      await down();
    },
  };
}

export type CallAutomation = Awaited<ReturnType<typeof startCallAutomation>>;
