import { callback } from '../../../local/providers/call-automation/requests.ts';
import { newCall } from '../../../local/providers/call-automation/requests.ts';
import type { Fleet } from '../fleet.ts';
import { inParallel, statusOf } from '../sender.ts';
import type { Progress } from './scenario.ts';

/** What came of a captured request, and of what else may be done with it. Statuses stand in the order of the instances. */
export type Captured = {
  readonly times: number;
  readonly handled: number;
  /** How often each status was answered to the very same request. */
  readonly answers: Readonly<Record<string, number>>;
  /** The same token with another body, under TOKEN_REUSE=enforce. */
  readonly changed: readonly number[];
  /** A genuine event of another call under the same callback URI. */
  readonly otherCall: readonly number[];
  readonly handledOfOtherCall: number;
  readonly handledChanged: number;
};

/** A genuine request that was captured and is sent again and again to every instance, as it was and changed. */
export async function capturedRequest(
  fleet: Fleet,
  options: { times: number },
  progress: Progress = () => {},
): Promise<Captured> {
  const { acs } = fleet.cloud;
  const call = newCall();
  const uri = await fleet.callbackUri();
  const event = call.event('PlayCompleted');
  const token = acs.token();
  const send = (instance: number, what: unknown, under: string) =>
    statusOf(callback(acs, fleet.at(uri, instance), [what], under));

  // The genuine one comes first; whoever captured it comes after.
  await send(0, event, token);
  const answers = new Map<number, number>();
  let done = 0;
  await inParallel([...Array(options.times).keys()], 24, async (turn) => {
    const status = await send(turn % fleet.size, event, token);
    answers.set(status, (answers.get(status) ?? 0) + 1);
    progress(++done, options.times);
  });

  const another = { ...event, id: 'changed' };
  const changed = await everyInstance(fleet, (instance) => send(instance, another, token));
  const foreign = newCall();
  const foreignEvents = Array.from({ length: fleet.size }, () => foreign.event('PlayCompleted'));
  const otherCall = await everyInstance(fleet, (instance) =>
    send(instance, foreignEvents[instance], acs.token()),
  );

  const begun = await fleet.begun();
  const handledOf = (id: string) => begun.get(id)?.length ?? 0;
  return {
    times: options.times,
    handled: handledOf(event.id),
    answers: Object.fromEntries(answers),
    changed,
    handledChanged: handledOf('changed'),
    otherCall,
    handledOfOtherCall: foreignEvents.filter(({ id }) => handledOf(id) > 0).length,
  };
}

const everyInstance = (fleet: Fleet, act: (instance: number) => Promise<number>) =>
  Promise.all(Array.from({ length: fleet.size }, (_, instance) => act(instance)));
