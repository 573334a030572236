import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Processes and sockets of their own make some tests wait for the machine, never for time to pass.
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
