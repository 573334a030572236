import { createHash, randomUUID } from 'node:crypto';
import { HANDLED, HANDLED_BEFORE, send } from '../scenarios/context.ts';
import type { ScenarioContext } from '../scenarios/context.ts';
import type { OutgoingRequest } from '../http/request.ts';
import { forgery } from './forgery.ts';
import { accountRehearsal } from './vonage/account.ts';
import type { AccountSample, VonageAccount } from './vonage/account.ts';
import { bodyForgeries, claiming, payloadOf, tokenForgeries } from './vonage/forgeries.ts';
import type { GenuineVonage, VonageFamilies } from './vonage/forgeries.ts';

/** A call at Vonage Voice: what its callbacks carry, as in the published reference. The numbers are fictitious. */
export function newVoiceCall() {
  const names = { uuid: randomUUID(), conversation_uuid: `CON-${randomUUID()}` };
  const numbers = { from: '447700900000', to: '442079460000' };
  const time = () => new Date().toISOString();
  const state = (status: string, more: object = {}) => ({
    ...numbers,
    ...names,
    status,
    direction: 'inbound',
    timestamp: time(),
    ...more,
  });
  return {
    answer: { endpoint_type: 'phone', ...numbers, ...names, region_url: 'https://api-eu-3.vonage.com' },
    events: {
      started: state('started'),
      ringing: state('ringing'),
      answered: state('answered', { start_time: null, rate: null, network: null }),
      machine: { call_uuid: names.uuid, ...numbers, ...names, status: 'machine', timestamp: time() },
      input: { dtmf: { digits: '42', timed_out: true }, ...numbers, ...names, timestamp: time() },
      record: {
        ...names,
        start_time: time(),
        recording_url: `https://api.nexmo.com/v1/files/${randomUUID()}`,
        size: 12222,
        recording_uuid: randomUUID(),
        end_time: time(),
        timestamp: time(),
      },
      transfer: {
        conversation_uuid_from: names.conversation_uuid,
        conversation_uuid_to: `CON-${randomUUID()}`,
        uuid: names.uuid,
        timestamp: time(),
      },
      error: { ...names, reason: 'Syntax error in NCCO. Invalid value type or action.', timestamp: time() },
      completed: state('completed', {
        duration: '2',
        rate: '0.00450000',
        price: '0.00015000',
        network: 'GB-FIXED',
      }),
    },
  };
}
type EventName = keyof ReturnType<typeof newVoiceCall>['events'];

export const answerByGet: AccountSample = (account, baseUrl) =>
  account.get(baseUrl, 'vonage-voice/answer', newVoiceCall().answer);
const answerByPost: AccountSample = (account, baseUrl) =>
  account.post(baseUrl, 'vonage-voice/answer', newVoiceCall().answer);
const eventOf =
  (name: EventName): AccountSample =>
  (account, baseUrl) =>
    account.post(baseUrl, 'vonage-voice/event', newVoiceCall().events[name]);

const eventNames = Object.keys(newVoiceCall().events) as readonly EventName[];

/** Another query under the token of a genuine one. */
const withQuery = (name: string, change: (query: string) => string) =>
  forgery<GenuineVonage>(`vonage-voice-query-${name}`, 'payload-hash-wrong', ({ request }) => {
    const [path = '', query = ''] = request.url.split('?');
    return { ...request, url: `${path}?${change(query)}` };
  });

/** A hash of the query in another form than that of Vonage. */
const withHash = (name: string, form: (request: OutgoingRequest) => string) =>
  claiming(`vonage-voice-query-hash-${name}`, 'payload-hash-wrong', ({ request }) => ({
    payload_hash: createHash('sha256').update(form(request)).digest('hex'),
  }));

const queryForgeries: VonageFamilies = {
  'The query of a Vonage Voice callback': [
    withQuery('altered', (query) => query.replace('from=447700900000', 'from=447700900001')),
    withQuery('added', (query) => `${query}&from_user=admin`),
    withQuery('repeated', (query) => `${query}&to=442079460001`),
    withQuery('repeated-in-front', (query) => `to=442079460001&${query}`),
    withQuery('repeated-alike', (query) => `${query}&to=442079460000`),
    withQuery('removed', (query) => query.replace('&to=442079460000', '')),
    withQuery('reordered', (query) => query.split('&').toReversed().join('&')),
    withQuery('name-in-capitals', (query) => query.replace('from=', 'From=')),
    withQuery('empty', () => ''),
    withHash('of-the-text', ({ url }) => url.split('?')[1] ?? ''),
    withHash('with-white-space', (request) => JSON.stringify(JSON.parse(payloadOf(request)), undefined, 1)),
    withHash('of-pairs', ({ url }) => JSON.stringify([...new URL(url).searchParams])),
    withHash('of-no-parameters', () => '{}'),
  ],
};

/** Vonage Voice: a call that asks what to do, and says what happens to it. */
export const vonageVoice = accountRehearsal({
  name: 'vonage-voice',
  title: 'Vonage Voice',
  samples: {
    'vonage-voice-answer': answerByGet,
    'vonage-voice-answer-posted': answerByPost,
    ...Object.fromEntries(eventNames.map((name) => [`vonage-voice-${name}`, eventOf(name)])),
  },
  genuine: eventOf('completed'),
  forgeries: [
    [answerByGet, { ...tokenForgeries('vonage-voice', 'Vonage Voice'), ...queryForgeries }],
    [eventOf('completed'), bodyForgeries('vonage-voice', 'Vonage Voice')],
  ],
  names: ['uuid', 'call_uuid', 'conversation_uuid'],
  scenario: { title: 'A call of Vonage Voice asks for its NCCO, and then ends', play: playCall },
});

/** Vonage asks up to three times, and may sign each try anew: each gets the same NCCO. */
async function playCall(context: ScenarioContext, account: VonageAccount): Promise<void> {
  const { baseUrl } = context;
  const { answer, events } = newVoiceCall();
  const asked = () => account.get(baseUrl, 'vonage-voice/answer', answer);
  const isDone = await send(context, 'answer', asked(), HANDLED);
  await send(context, 'answer, asked again', asked(), isDone ? HANDLED_BEFORE : HANDLED);
  const posted = account.post(baseUrl, 'vonage-voice/answer', newVoiceCall().answer);
  await send(context, 'answer, as a POST', posted, HANDLED);
  for (const [name, event] of Object.entries(events)) {
    await send(context, `event: ${name}`, account.post(baseUrl, 'vonage-voice/event', event), HANDLED);
  }
  const unsigned = { ...asked(), headers: [] };
  await send(context, 'answer, unsigned by an error of Vonage', unsigned, {
    status: 503,
    reason: 'callback-unsigned',
  });
}
