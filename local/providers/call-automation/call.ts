import { randomUUID } from 'node:crypto';
import type { CallEvent, CallEventData, CallEventName } from '../../../shared/events/call-automation.ts';

/** One call as Call Automation tells of it: event after event, each with an id of its own. */
export type Call = {
  readonly event: <Name extends CallEventName>(
    name: Name,
    data?: Partial<CallEventData[Name]>,
  ) => CallEvent<Name>;
};

/** The members follow the documented example: https://learn.microsoft.com/azure/communication-services/concepts/call-automation/call-automation */
export function newCall(
  ids: { callConnectionId: string; serverCallId: string; correlationId: string } = {
    callConnectionId: randomUUID(),
    serverCallId: randomUUID(),
    correlationId: randomUUID(),
  },
): Call {
  const { callConnectionId } = ids;
  return {
    event: (name, data) => {
      const event = {
        id: randomUUID(),
        source: `calling/callConnections/${callConnectionId}`,
        type: `Microsoft.Communication.${name}`,
        data: { ...ids, ...data },
        time: new Date().toISOString(),
        specversion: '1.0',
        datacontenttype: 'application/json',
        subject: `calling/callConnections/${callConnectionId}`,
      };
      return event as unknown as CallEvent<typeof name>;
    },
  };
}
