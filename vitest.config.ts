import { defineConfig } from 'vitest/config';

const common = {
  // Processes and sockets of their own make some tests wait for the machine, never for time to pass.
  testTimeout: 20_000,
  hookTimeout: 60_000,
  // What is looked at again and again comes when a busy machine gets to it.
  expect: { poll: { timeout: 10_000 } },
};

/** Files that start processes, change the environment of their own, or name services by their real names. */
const apart = [
  'test/end-to-end/**/*.test.ts',
  'test/tools/**/*.test.ts',
  'test/infra/perimeter/*.test.ts',
  // The language service of Kusto defines globals.
  'test/infra/monitoring.test.ts',
  'test/local/**/*.test.ts',
  'test/shared/calls/calls.remember.test.ts',
  'test/shared/secrets/*.test.ts',
  'test/shared/providers/vonage.secrets-in-vault.test.ts',
  'test/shared/ledger/open-ledger.test.ts',
];
/** Files of which one alone keeps both cores of a small machine busy: fleets of processes, all of `npm start`, a browser. */
const heavy = [
  'test/harden/*.test.ts',
  'test/end-to-end/start.test.ts',
  'test/local/inspector/inspector.test.ts',
  'test/local/inspector/page/*.test.ts',
];

export default defineConfig({
  test: {
    // Many tests wait for a process, so two cores keep more than two of them busy.
    maxWorkers: 4,
    projects: [
      { test: { ...common, name: 'apart', include: apart, exclude: heavy } },
      {
        test: {
          ...common,
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...apart, ...heavy],
          // They leave nothing behind, and a process for each would take longer than most of them.
          isolate: false,
        },
      },
      // After the others, whose time-outs they would keep from holding.
      { test: { ...common, name: 'heavy', include: heavy, maxWorkers: 2, sequence: { groupOrder: 1 } } },
    ],
  },
});
