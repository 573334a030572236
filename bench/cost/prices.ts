/** US list prices in dollars, as read on this day. They differ by region, and change. */
export const PRICES_READ_ON = '2026-11-29';

const READINGS = 'readings by third parties (modal.com/blog, 2025-05)';
const MONITOR =
  'monitoringcost.com, 2026; learn.microsoft.com/azure/azure-monitor/logs/cost-logs: a GB is 10^9 bytes';

export const prices = {
  executions: { dollars: 0.4, per: 1e6, what: 'a million executions, Flex Consumption', source: READINGS },
  onDemand: { dollars: 0.000026, per: 1, what: 'a GB-s, on demand', source: READINGS },
  alwaysReady: {
    dollars: 0.000016,
    per: 1,
    what: 'a GB-s of an always-ready instance that executes',
    source: READINGS,
  },
  baseline: {
    dollars: 0.000004,
    per: 1,
    what: 'a GB-s of an always-ready instance, all the time',
    source: READINGS,
  },
  log: { dollars: 2.3, per: 1e9, what: 'a GB into Log Analytics, 5 GB a month free', source: MONITOR },
  table: {
    dollars: 0.00036,
    per: 1e4,
    what: 'ten thousand table transactions, LRS',
    source: 'readings by third parties',
  },
  vault: {
    dollars: 0.03,
    per: 1e4,
    what: 'ten thousand operations of Key Vault',
    source: 'learn.microsoft.com/answers/questions/5608202, 2025',
  },
  alert: {
    dollars: 1.5,
    per: 1,
    what: 'a month of a log alert that looks every five minutes',
    source: 'from memory, not looked up',
  },
} as const;

export const priceOf = (name: keyof typeof prices, amount: number) =>
  (amount * prices[name].dollars) / prices[name].per;

/** The shortest time that is billed, and the step beyond: learn.microsoft.com/azure/azure-functions/flex-consumption-plan. */
const LEAST_MS = 1000;
const STEP_MS = 100;

/** A time in which something executes, in milliseconds. */
export type Execution = { readonly start: number; readonly end: number };

/**
 * The milliseconds of an instance that are billed. Executions at the same time share it; one that starts in what is billed
 * already extends it.
 *
 * @param executions in the order of their start
 */
export function billableMs(executions: readonly Execution[]): number {
  let billed = 0;
  let from = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { start, end } of executions) {
    if (start >= until) {
      if (until > from) billed += until - from;
      from = start;
      until = start + LEAST_MS;
    }
    if (end > until) until = from + Math.ceil((end - from) / STEP_MS) * STEP_MS;
  }
  return billed + (until - from);
}

/** What one delivery needs. */
export type Delivery = {
  readonly billableMs: number;
  readonly tableTransactions: number;
  readonly logBytes: number;
};

/** An instance, and how many deliveries it takes. */
export type Instance = { readonly gb: number; readonly isAlwaysReady: boolean; readonly perSecond: number };

/** Dollars for a million deliveries. */
export function perMillion(
  { billableMs: ms, tableTransactions, logBytes }: Delivery,
  instance: Instance,
): number {
  const { gb, isAlwaysReady, perSecond } = instance;
  const seconds = (1e6 * ms) / 1000;
  return (
    priceOf('executions', 1e6) +
    priceOf(isAlwaysReady ? 'alwaysReady' : 'onDemand', seconds * gb) +
    (isAlwaysReady ? priceOf('baseline', (1e6 / perSecond) * gb) : 0) +
    priceOf('table', 1e6 * tableTransactions) +
    priceOf('log', 1e6 * logBytes)
  );
}
