import { defineConfig } from 'vitest/config';

// The tests of one room, as mutation testing runs them: apart from each other and with one worker, since a mutant is
// switched on for the whole process. RINGWARD_ROOM names the room (tools/mutation/stryker.config.mjs sets it).
const room = process.env.RINGWARD_ROOM;
// What a check does depends on the sender's rules, so their tests judge the checks too.
const others = room === 'verification' ? ['test/shared/providers/*.test.ts'] : [];

export default defineConfig({
  test: {
    include: [`test/shared/${room}/**/*.test.ts`, ...others],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
