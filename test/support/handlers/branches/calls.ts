import type { Call, RecognizeOptions } from '../../../../shared/events/actions.ts';
import type { CallHandlers } from '../../../../shared/events/handlers.ts';

const CLERK = { communicationUserId: '8:acs:clerk' };
/** The longest that the service allows for digits: no test waits for it. */
const PATIENCE = { initialSilenceTimeoutInSeconds: 300 };

const MENU: RecognizeOptions = {
  kind: 'callMediaRecognizeDtmfOptions',
  maxTonesToCollect: 1,
  operationContext: 'menu',
  ...PATIENCE,
};
const DEPARTMENT: RecognizeOptions = {
  kind: 'callMediaRecognizeChoiceOptions',
  choices: [
    { label: 'Sales', phrases: ['sales', 'buy'], tone: 'one' },
    { label: 'Support', phrases: ['support'], tone: 'two' },
  ],
  operationContext: 'department',
  ...PATIENCE,
};

/** A menu: 1 asks for a department, 2 transfers the call, silence ends it. A failed transfer leads back to the menu. */
export const calls = {
  incoming: async (_event, { ring }) => void (await ring.answer({ operationContext: 'branches' })),
  events: {
    CallConnected: (event, { call }) =>
      event.data.operationContext === 'branches' ? listen(call, MENU) : call.hangUp(),
    async RecognizeCompleted({ data }, { call, log }) {
      if (data.operationContext === 'department') {
        log(`department: ${data.choiceResult?.label}`);
        return call.hangUp();
      }
      const [tone] = data.dtmfResult?.tones ?? [];
      if (tone === 'one') return listen(call, DEPARTMENT);
      if (tone === 'two') return call.transfer(CLERK);
      return listen(call, MENU);
    },
    async RecognizeFailed({ data }, { call, log }) {
      log(`failed: ${data.resultInformation?.subCode}`);
      await call.hangUp();
    },
    CallTransferFailed: (_event, { call }) => listen(call, MENU),
    otherwise: () => {},
  },
} satisfies CallHandlers;

const listen = async (call: Call, options: RecognizeOptions) => call.recognize(await call.caller(), options);
