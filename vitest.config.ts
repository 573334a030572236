import { defineConfig } from 'vitest/config';

const common = {
  // Processes and sockets of their own make some tests wait for the machine, never for time to pass.
  testTimeout: 20_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    // Many tests wait for a process, so two cores keep more than two of them busy.
    maxWorkers: 4,
    projects: [
      {
        test: {
          ...common,
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: ['test/harden/**'],
          sequence: { groupOrder: 0 },
        },
      },
      // As many processes as a small fleet has: they would keep the time-outs of the others from holding.
      { test: { ...common, name: 'harden', include: ['test/harden/*.test.ts'], sequence: { groupOrder: 1 } } },
    ],
  },
});
