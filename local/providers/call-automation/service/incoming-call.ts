import { randomBytes, randomUUID } from 'node:crypto';
import type { Identifier } from '../../../../shared/events/call-automation.ts';

/**
 * The `data` of an IncomingCall event, after the documented example:
 * https://learn.microsoft.com/azure/event-grid/communication-services-voice-video-events
 */
export type IncomingCallData = {
  readonly to: CalledParty;
  readonly from: CalledParty;
  readonly serverCallId: string;
  readonly callerDisplayName: string;
  /** Set by the caller. */
  readonly customContext: {
    readonly sipHeaders?: Readonly<Record<string, string>>;
    readonly voipHeaders: Readonly<Record<string, string>>;
  };
  /** A secret of several KB, with which the call can be answered. */
  readonly incomingCallContext: string;
  readonly correlationId: string;
};

export type CalledParty = Identifier & { readonly rawId: string };

/** A call that is ringing now. */
export function newIncomingCall(change: Partial<IncomingCallData> = {}): IncomingCallData {
  const user = `8:acs:${randomUUID()}_${randomUUID()}`;
  // Numbers that are kept free for fiction.
  const number = '+12065550100';
  return {
    to: { kind: 'communicationUser', rawId: user, communicationUser: { id: user } },
    from: { kind: 'phoneNumber', rawId: `4:${number}`, phoneNumber: { value: number } },
    serverCallId: Buffer.from(`https://conv.example/${randomUUID()}`).toString('base64'),
    callerDisplayName: 'Ada Caller',
    customContext: { sipHeaders: { 'User-To-User': 'order=42' }, voipHeaders: {} },
    incomingCallContext: newContext(),
    correlationId: randomUUID(),
    ...change,
  };
}

/**
 * What differs in a call to a resource account of Teams, with Teams Phone Extensibility.
 * https://learn.microsoft.com/azure/communication-services/concepts/interop/tpe/teams-phone-extensibility-overview
 */
export const toTeamsPhone = (): Partial<IncomingCallData> => ({
  to: { kind: 'unknown', rawId: `28:orgid:${randomUUID()}` },
  customContext: { voipHeaders: { 'X-Example': 'order=42' } },
});

/** In the form of an unsigned JWT. */
function newContext(): string {
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part({ cc: randomBytes(1800).toString('base64') })}.`;
}
