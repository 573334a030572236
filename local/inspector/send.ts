import { answeredBy, DELIVERY_HEADER, post } from '../http/request.ts';
import type { Answered } from '../http/request.ts';
import { askToUpgrade } from '../http/sockets.ts';
import { providers } from '../providers/index.ts';
import type { ScenarioContext, ScenarioTarget } from '../scenarios/context.ts';
import { scenarios } from '../scenarios/play.ts';
import type { Row } from '../scenarios/table.ts';
import type { Target } from '../target.ts';
import type { SendResult, State } from './contract.ts';
import type { Recorder } from './recorder.ts';
import { summary } from './serialize.ts';

/** Whole calls: many deliveries each. */
const calls = new Map(scenarios.flatMap(({ name, play }) => (name ? [[name, play] as const] : [])));
const samples = providers.flatMap((provider) => provider.samples);
const sampleByName = new Map(samples.map((sample) => [sample.name, sample]));
const families = providers.flatMap(({ forgeries }) => forgeries);
const forgeryByName = new Map(
  families.flatMap((family) => family.members.map((forgery) => [forgery.name, { family, forgery }] as const)),
);

/** Everything that can be sent, by group and by family. */
export const sendable: Pick<State, 'genuine' | 'forgeries'> = {
  genuine: [
    { group: 'Whole calls', names: [...calls.keys()] },
    ...[...Map.groupBy(samples, ({ group }) => group)].map(([group, members]) => ({
      group,
      names: members.map(({ name }) => name),
    })),
  ],
  forgeries: families.map(({ name: family, members }) => ({
    family,
    members: members.map(({ name, expected, alternatively }) => ({
      name,
      ...expected,
      ...(alternatively && { alternatively }),
    })),
  })),
};

/** Sends one sample, forgery or whole call by its name; `undefined` where the name is unknown. */
export type Sender = (name: string, target: Target) => (() => Promise<SendResult>) | undefined;

/** @param context of the app that this process serves */
export function createSender(context: ScenarioTarget, recorder: Recorder): Sender {
  async function sendOne(name: string, send: () => Promise<Answered>): Promise<SendResult> {
    const started = performance.now();
    const answered = await send().catch(() => undefined);
    const milliseconds = performance.now() - started;
    const id = Number(answered?.header(DELIVERY_HEADER)) || undefined;
    return resultOf(recorder, { id, sent: name, status: answered?.status ?? 0, milliseconds });
  }

  async function playCall(
    name: string,
    play: (context: ScenarioContext) => Promise<void>,
  ): Promise<SendResult> {
    const started = performance.now();
    const rows: Row[] = [];
    await play({ ...context, onRow: (row) => rows.push(row), onNote: () => {} });
    const deliveries = rows.flatMap(({ delivery }) => recorder.get(delivery ?? 0) ?? []);
    // A handshake may come before the call.
    const first = deliveries.find(({ call }) => call !== undefined) ?? deliveries[0];
    const wrong = rows.find(({ asExpected }) => !asExpected);
    const result = { sent: name, milliseconds: performance.now() - started };
    if (!first) return { ...result, status: wrong?.status ?? 0 };
    const { id, call, verdict, reason, status = 0 } = summary(first);
    return {
      ...result,
      id,
      status: wrong?.status ?? status,
      ...(call !== undefined && { call }),
      ...(verdict && { verdict }),
      ...(reason && { reason }),
    };
  }

  return (name, target) => {
    const play = calls.get(name);
    if (play) return target.baseUrl === context.baseUrl ? () => playCall(name, play) : undefined;
    const sample = sampleByName.get(name);
    if (sample) return () => sendOne(name, () => sample.send(target));
    return forgeryByName.has(name) ? () => sendOne(name, () => sendForgery(name, target)) : undefined;
  };
}

export const isWholeCall = (name: string) => calls.has(name);

async function sendForgery(name: string, target: Target): Promise<Answered> {
  const { family, forgery } = forgeryByName.get(name)!;
  const genuine = await family.genuine(target);
  if (forgery.afterGenuine) await post(genuine.request);
  const request = forgery.forge(genuine);
  return answeredBy(await (request.url.startsWith('ws') ? askToUpgrade(request) : post(request)));
}

/** The result of something that was sent, once the app has logged it. Labels its delivery. */
export async function resultOf(
  recorder: Recorder,
  result: { id: number | undefined; sent: string; status: number; milliseconds: number; replayOf?: number },
): Promise<SendResult> {
  const { id, sent, status, milliseconds, replayOf } = result;
  const delivery = id === undefined ? undefined : recorder.get(id);
  if (!delivery || id === undefined) return { sent, status, milliseconds };
  recorder.label(id, { sent, ...(replayOf !== undefined && { replayOf }) });
  await recorder.entryOf(id);
  const { verdict, reason } = summary(delivery);
  return { id, sent, status, milliseconds, ...(verdict && { verdict }), ...(reason && { reason }) };
}
