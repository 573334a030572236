import { deliveries } from './deliveries.ts';
import { memoryInSteps } from './harness/memory.ts';
import { publish } from './harness/report.ts';

// Memory of the process over genuine deliveries with the ledger in memory. forged-memory.ts includes the checks.
//
//     npm run bench -- delivered-memory [--long]
const CONCURRENCY = 100;
const total = Number(process.argv[2] ?? 1_000_000);

let handled = 0;
const sendOne = deliveries({}, () => void handled++);
const table = await memoryInSteps({ unit: 'deliveries', total, concurrency: CONCURRENCY, sendOne });
await publish({
  title: 'Memory over genuine deliveries',
  about: `${total} genuine deliveries through the pipeline without its checks, ${CONCURRENCY} at a time, in one process with the
ledger in memory. Each has a token and an event of its own, and five share a call. The heap is measured after a garbage collection.
The ledger remembers the last hundred thousand of each kind, so the heap grows until then. ${handled} events were handled.`,
  tables: [table],
});
