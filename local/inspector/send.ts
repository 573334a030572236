import { attacks } from '../attacks.ts';
import type { Attack, Target } from '../attacks.ts';
import { answeredBy, genuineKinds } from '../genuine.ts';
import type { Answered, GenuineKind } from '../genuine.ts';
import { playIncomingCall, playPlacedCall } from '../providers/call-automation/scenarios.ts';
import { playStreamedCall } from '../providers/call-automation/media-scenarios.ts';
import type { ScenarioContext } from '../scenarios/context.ts';
import type { Row } from '../scenarios/table.ts';
import { post } from '../http/request.ts';
import { askToUpgrade } from '../http/sockets.ts';
import type { SendResult, State } from './contract.ts';
import { DELIVERY_HEADER } from './forward.ts';
import { wasAsked } from './stored-delivery.ts';
import type { Recorder } from './recorder.ts';
import { summary } from './serialize.ts';

/** Calls from beginning to end: many deliveries each. */
const plays = new Map<string, (stage: ScenarioContext) => Promise<void>>([
  ['incoming-call', playIncomingCall],
  ['placed-call', playPlacedCall],
  ['streamed-call', playStreamedCall],
]);
const kinds = new Map<string, GenuineKind>(genuineKinds.map((kind) => [kind.name, kind]));
const byName = new Map<string, Attack>(attacks.map((attack) => [attack.name, attack]));

/** What can be sent, by group and by family. */
export const sendable: Pick<State, 'genuine' | 'forgeries'> = {
  genuine: [
    { group: 'Whole calls', names: [...plays.keys()] },
    ...grouped(genuineKinds, ({ group }) => group).map(([group, all]) => ({
      group,
      names: all.map(({ name }) => name),
    })),
  ],
  forgeries: grouped(attacks, ({ family }) => family).map(([family, all]) => ({
    family,
    members: all.map(({ name, expected, alternatively }) => ({
      name,
      ...expected,
      ...(alternatively && { alternatively }),
    })),
  })),
};

function grouped<T>(all: readonly T[], by: (one: T) => string): (readonly [string, readonly T[]])[] {
  return [...Map.groupBy(all, by)];
}

/** Sends one thing by its name; `undefined` where there is none of that name. */
export type Sender = (name: string, target: Target) => (() => Promise<SendResult>) | undefined;

/**
 * @param stage of the app that this process serves
 * @returns what sends a genuine kind or a forgery, and tells what became of it
 */
export function sender(stage: Omit<ScenarioContext, 'onRow'>, recorder: Recorder): Sender {
  async function timed(name: string, work: () => Promise<Answered>): Promise<SendResult> {
    const started = performance.now();
    const answered = await work().catch(() => undefined);
    const milliseconds = performance.now() - started;
    const id = Number(answered?.header(DELIVERY_HEADER)) || undefined;
    return outcome(recorder, { id, sent: name, status: answered?.status ?? 0, milliseconds });
  }

  async function whole(name: string, play: (stage: ScenarioContext) => Promise<void>): Promise<SendResult> {
    const started = performance.now();
    const before = recorder.last();
    const rows: Row[] = [];
    await play({ ...stage, onRow: (row) => rows.push(row) });
    const { status = 0 } = rows.find(({ asExpected }) => !asExpected) ?? rows[0] ?? {};
    const id = recorder.after(before)[0]?.id;
    return outcome(recorder, { id, sent: name, status, milliseconds: performance.now() - started });
  }

  return (name, target) => {
    const play = plays.get(name);
    if (play) return target.baseUrl === stage.baseUrl ? () => whole(name, play) : undefined;
    const kind = kinds.get(name);
    if (kind) return () => timed(name, () => kind.send(target));
    const attack = byName.get(name);
    return attack && (() => timed(name, () => mounted(attack, target)));
  };
}

export const isPlay = (name: string) => plays.has(name);

async function mounted({ on, make }: Attack, target: Target): Promise<Answered> {
  const request = await make(target);
  return answeredBy(await (on === 'media' ? askToUpgrade(request) : post(request)));
}

/** How long the line of an answered delivery may take to come from the app, in milliseconds. */
const LINE = 2000;

/** What became of something that was sent, once the app has said so; labels its delivery. */
export async function outcome(
  recorder: Recorder,
  result: { id: number | undefined; sent: string; status: number; milliseconds: number; replayOf?: number },
): Promise<SendResult> {
  const { id, sent, status, milliseconds, replayOf } = result;
  const delivery = id === undefined ? undefined : recorder.get(id);
  if (!delivery || id === undefined) return { sent, status, milliseconds };
  recorder.label(id, { sent, ...(replayOf !== undefined && { replayOf }) });
  if (wasAsked(delivery))
    await Promise.race([recorder.lineOf(id), new Promise((resolve) => setTimeout(resolve, LINE).unref())]);
  const { verdict, reason } = summary(delivery);
  return { id, sent, status, milliseconds, ...(verdict && { verdict }), ...(reason && { reason }) };
}
