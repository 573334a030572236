import type { TableClient } from '@azure/data-tables';
import type { Clock } from '../../shared/clock.ts';
import { isJsonContentType } from '../../shared/delivery/body.ts';
import type { VerifiedEvent } from '../../shared/delivery/endpoint.ts';
import { createPipeline } from '../../shared/delivery/pipeline.ts';
import { azureTable } from '../../shared/ledger/azure-table.ts';
import { heartbeat } from '../../shared/ledger/cleanup.ts';
import { memoryLedger } from '../../shared/ledger/memory.ts';
import { tableLedger } from '../../shared/ledger/table-ledger.ts';
import { twoTierLedger } from '../../shared/ledger/two-tier.ts';
import type { LedgerOutage } from '../../shared/ledger/two-tier.ts';
import { manualClock } from '../clock.ts';
import type { ManualClock } from '../clock.ts';
import { capturedLog } from '../support/log.ts';
import { accepting, posted } from '../support/pipeline.ts';
import { chance } from './chance.ts';
import { tableService } from './table-service.ts';
import type { TableService } from './table-service.ts';

// Two instances and one table, on a clock of their own: minutes pass in milliseconds. Everything random comes from a seed.

export const LEASE_SECONDS = 8;
const TIMEOUT_SECONDS = 20;
const EVENTS = 6;
const SECOND = 1000;
/** A fault begins and ends within this time; the senders go on until each event was answered 200. */
const FAULT_MS = 40 * SECOND;
const LONGEST_MS = 600 * SECOND;

/** What happens to one of the two instances. */
export type Fault = 'none' | 'stalled' | 'cut-off' | 'slow-table' | 'clock-off';

/** What two instances did with one event. */
export type Handled = {
  readonly event: string;
  /** Handlers that ran to their end. */
  readonly times: number;
  /** Entries `lease-lost` about it. */
  readonly logged: number;
  /** Whether its last delivery was answered 200. */
  readonly settled: boolean;
};

type Random = () => number;
const between = (random: Random, least: number, most: number) => least + random() * (most - least);

/** The result of one sequence of deliveries. */
export type Played = {
  readonly events: readonly Handled[];
  /** Entries `lease-lost` that name no event: of an instance that wrote a completion after its outage. */
  readonly loggedLater: number;
};

/** Plays one sequence of deliveries, each to both instances, with a fault of one of them. */
export async function play(fault: Fault, mode: LedgerOutage, seed: number): Promise<Played> {
  const random = chance(seed);
  const time = manualClock();
  const service = tableService();
  const ended: string[] = [];
  const instances = [0, 1].map(() => newInstance({ time, service, mode, random, ended }));
  const [victim] = instances as [Instance];
  if (fault === 'clock-off') victim.clockOff(random() < 0.5 ? 3 : -3);
  await time.advance(LEASE_SECONDS * SECOND);

  const names = Array.from({ length: EVENTS }, (_, index) => `event-${index}`);
  const answered = new Set<string>();
  /** Sends an event until it is answered 200, as Event Grid does. */
  async function send(event: string, to: number): Promise<void> {
    await time.sleep(between(random, 0, FAULT_MS));
    for (
      let instance = to;
      (await instances[instance]!.deliver(event)) !== 200;
      instance = random() < 0.5 ? 0 : 1
    )
      await time.sleep(between(random, 2, 10) * SECOND);
    answered.add(`${event} ${to}`);
  }
  const sent = Promise.all(names.flatMap((event) => [send(event, 0), send(event, 1)]));
  let isOver = false;
  void Promise.all([sent, happen(fault, victim, time, random)]).then(() => void (isOver = true));
  for (let passed = 0; passed < LONGEST_MS && !isOver; passed += SECOND) await time.advance(SECOND);
  // What was not written yet is written now, and a handler whose sender was answered before its end has ended.
  await time.advance(60 * SECOND);

  const events = names.map((event) => ({
    event,
    times: ended.filter((one) => one === event).length,
    logged: instances.flatMap(({ lost }) => lost).filter((one) => one === event).length,
    settled: answered.has(`${event} 0`) && answered.has(`${event} 1`),
  }));
  return { events, loggedLater: instances.reduce((sum, { loggedLater }) => sum + loggedLater(), 0) };
}

/** Lets the fault happen, a few times. */
async function happen(
  fault: Fault,
  { stall, weather }: Instance,
  time: ManualClock,
  random: Random,
): Promise<void> {
  const forMs = () => between(random, 1, 2.5) * LEASE_SECONDS * SECOND;
  for (let turn = 0; turn < 2; turn++) {
    await time.sleep(between(random, 0, FAULT_MS / 4));
    const length = forMs();
    if (fault === 'stalled') stall(length);
    weather.isCutOff = fault === 'cut-off';
    weather.slowestMs = fault === 'slow-table' ? 12 * SECOND : QUICK_MS;
    await time.sleep(length);
    weather.isCutOff = false;
    weather.slowestMs = QUICK_MS;
  }
}

const QUICK_MS = 40;

type Weather = { isCutOff: boolean; slowestMs: number };
type Instance = ReturnType<typeof newInstance>;

function newInstance(world: {
  readonly time: ManualClock;
  readonly service: TableService;
  readonly mode: LedgerOutage;
  readonly random: Random;
  readonly ended: string[];
}) {
  const { time, service, mode, random, ended } = world;
  const weather: Weather = { isCutOff: false, slowestMs: QUICK_MS };
  let [stalledUntil, offSeconds, notes] = [0, 0, 0];
  const clock: Clock = {
    now: () => time.now() + offSeconds,
    ticks: time.ticks,
    after(milliseconds, wake) {
      let cancel = time.after(milliseconds, due);
      // What is due when the process goes on runs in any order.
      function due(): void {
        const late = stalledUntil - time.ticks();
        if (late > 0) cancel = time.after(late + random(), due);
        else wake();
      }
      return () => cancel();
    },
    sleep: (milliseconds) => new Promise((resolve) => void clock.after(milliseconds, resolve)),
  };

  /** A question arrives after a while or never, and its answer as well. */
  async function reached<Answer>(question: () => Answer, signal?: AbortSignal): Promise<Answer> {
    await time.sleep(between(random, 1, weather.slowestMs));
    if (weather.isCutOff) throw new Error('cut off');
    // A request that the client gave up may have left before.
    if (signal?.aborted && random() < 0.5) throw new Error('aborted');
    const answer = settledAnswer(question);
    await clock.sleep(between(random, 1, weather.slowestMs));
    if (weather.isCutOff) throw new Error('cut off');
    return answer();
  }

  const open = async () => service.client(reached) as unknown as TableClient;
  const note = (_level: string, event: string) => void (event === 'lease-lost' && notes++);
  const table = azureTable({ open, clock, note });
  const ledger = twoTierLedger(tableLedger(table, clock), memoryLedger(clock), mode, clock, note);
  void table.warm();
  void heartbeat(table, LEASE_SECONDS, clock);

  const log = capturedLog();
  const receive = createPipeline<VerifiedEvent>(
    {
      provider: 'event-grid',
      function: 'incoming-call',
      method: 'POST',
      path: 'events',
      checks: [accepting],
      unavailableStatus: 503,
      accepts: isJsonContentType,
      delivery: {
        parse: ({ body }) => ({ events: [eventNamed(Buffer.from(body).toString())], unusable: 0 }),
        handlerFor:
          ({ type }) =>
          async ({ signal }) => {
            const heeds = random() < 0.5;
            await clock.sleep(between(random, 0, 12) * SECOND);
            if (heeds) signal.throwIfAborted();
            ended.push(type);
          },
        concurrency: 1,
        eventTypes: new Set(),
      },
    },
    { ledger, leaseSeconds: LEASE_SECONDS, timeoutSeconds: TIMEOUT_SECONDS, clock },
  );
  return {
    weather,
    stall: (milliseconds: number) => void (stalledUntil = time.ticks() + milliseconds),
    clockOff: (seconds: number) => void (offSeconds = seconds),
    async deliver(event: string) {
      await clock.sleep(0);
      const { status } = await receive(posted({ body: event }), log.log);
      return status;
    },
    /** The events of which it said that it lost the lease. */
    lost: log.lost,
    loggedLater: () => notes,
  };
}

/** One event has an alias, as an incoming call does. */
const eventNamed = (type: string): VerifiedEvent => ({
  type,
  key: type,
  alias: type.endsWith('0') ? { key: `call of ${type}`, seconds: 60 } : undefined,
});

/** Asks at once, and tells the answer or throws it later. */
function settledAnswer<Answer>(question: () => Answer): () => Answer {
  try {
    const answer = question();
    return () => answer;
  } catch (thrown) {
    return () => {
      throw thrown;
    };
  }
}
