import { randomUUID } from 'node:crypto';
import { systemClock as clock } from '../shared/clock.ts';
import { callAutomation } from '../shared/delivery/call-automation.ts';
import { callBindings } from '../shared/delivery/call-bindings.ts';
import { frontDoor } from '../shared/delivery/front-door.ts';
import type { Ledger } from '../shared/ledger/ledger.ts';

/** The front door of Call Automation without its checks: every request is genuine, under a token of its own. */
export function genuineDoor(ledger: Ledger, reference: () => string, onHandled: () => void) {
  const deliver = frontDoor({
    provider: callAutomation,
    route: 'callbacks/call-automation',
    checks: [
      {
        name: 'genuine',
        run: async () => ({
          reference: reference(),
          referenceExpires: clock.now() + 3600,
          token: { id: randomUUID(), unique: true, expires: clock.now() + 300 },
        }),
      },
    ],
    replayRules: callBindings({ tokenReuse: 'report', callBinding: 'report', toleranceSeconds: 60, clock }),
    handlerFor: () => onHandled,
    ledger,
    leaseSeconds: 8,
    timeoutSeconds: 20,
    clock,
  });
  const log = { delivery() {}, handler() {}, handlerThrew() {} };
  return (request: Request) => deliver(request, log);
}

/** An event that was never sent before, of a call. */
export function newEvent(call: string): Request {
  const source = `calling/callConnections/${call}`;
  const type = 'Microsoft.Communication.PlayCompleted';
  const event = { id: randomUUID(), source, type, data: { callConnectionId: call }, specversion: '1.0' };
  return new Request('https://app.example/api/callbacks/call-automation', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([event]),
  });
}
