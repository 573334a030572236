import { described } from './begin.ts';
import { disconnect } from './live-call.ts';
import { onCall, refused } from './operation.ts';
import type { Operations } from './operation.ts';

const hangUp = onCall((call) => ({ status: 204, follow: disconnect(call) }), { connected: false });

/** What can be done with a call as a whole. */
export const connectionOperations: Operations = {
  'GET /calling/callConnections/{call}': onCall((call) => ({ status: 200, body: described(call) }), {
    connected: false,
  }),
  'DELETE /calling/callConnections/{call}': hangUp,
  'POST /calling/callConnections/{call}:terminate': hangUp,
  'POST /calling/callConnections/{call}:transferToParticipant': onCall((call, body) => {
    const { operationContext, operationCallbackUri: uri, targetParticipant, transferee } = body;
    if (!targetParticipant) return refused(400, '8500', 'A target is required.');
    return {
      status: 202,
      body: { operationContext },
      follow() {
        call.tell(
          'CallTransferAccepted',
          { operationContext, transferTarget: targetParticipant, transferee },
          { uri },
        );
        // Of two parties one is gone now, and with it the app's part in the call.
        if (!transferee) disconnect(call)();
      },
    };
  }),
};
