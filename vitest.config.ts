import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Many tests wait for a process, so two cores keep more than two of them busy.
    maxWorkers: 4,
    // Processes and sockets of their own make some tests wait for the machine, never for time to pass.
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
