import { defineConfig } from 'vitest/config';

// No assertion depends on speed. Every wait is for a condition, and these limits only end a wait that hangs: a machine
// that is busy with other work may take a hundred times as long.
const common = {
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 120_000 } },
  setupFiles: ['test/support/remove-temporary-folders.ts'],
};

/**
 * Files that start the app, change the environment or the trust of their process, or name services by their real names.
 * Each has a process to itself, which takes longer than most of the others.
 */
const apart = [
  'test/harden/parts/*.test.ts',
  // The language service of Kusto defines globals.
  'test/infra/monitoring.test.ts',
  'test/handlers.test.ts',
  'test/handlers/*.test.ts',
  'test/local/host/{in-process,print,recorded,serve}.test.ts',
  'test/local/providers/call-automation/*.test.ts',
  'test/local/providers/event-grid/entra.test.ts',
  'test/shared/calls/{calls.identifiers,calls.prompts,calls.remember,warm}.test.ts',
  'test/shared/secrets/{key-vault,versions}.test.ts',
  'test/shared/ledger/open-ledger.test.ts',
];
/**
 * The second tier, `npm run test:all`: what is deployed in a process of its own, fleets of processes, kills, installs, whole runs
 * of a command, every forgery against a deployed app, every fault of the vault and of signing in, the browser, the proxies and the
 * compiler of Bicep.
 */
const extended = [
  'test/end-to-end/**/*.test.ts',
  'test/handlers/example-menu.test.ts',
  'test/harden/*.test.ts',
  'test/infra/hooks/generate-secrets.test.ts',
  'test/infra/perimeter/*.test.ts',
  'test/infra/templates.test.ts',
  'test/local/{caller,cli,played-call,terminal}.test.ts',
  'test/local/host/{close,start}.test.ts',
  'test/local/inspector/{curl,failed,inspector,replay}.test.ts',
  'test/local/inspector/page/*.test.ts',
  'test/local/providers/call-automation/user-caller.test.ts',
  'test/shared/providers/vonage.secrets-in-vault.test.ts',
  'test/shared/secrets/{identity-faults,vault-recovery,vault-versions,vault-versions.partial}.test.ts',
  'test/support/rehearse.test.ts',
  'test/tools/build/**/*.test.ts',
  'test/tools/conformance/{command,report,run}.test.ts',
  'test/tools/doctor/doctor.test.ts',
  'test/tools/explain/{command,forgeries}.test.ts',
  'test/tools/run.test.ts',
  'test/tools/send/{rehearsal,with-secrets}.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: 'test/support/compile-cache.ts',
    // Many tests wait for a process, so two cores keep more than two of them busy.
    maxWorkers: 4,
    projects: [
      { test: { ...common, name: 'apart', include: apart, exclude: extended } },
      {
        test: {
          ...common,
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...apart, ...extended],
          // They leave nothing behind, and a process for each would take longer than most of them.
          isolate: false,
        },
      },
      // After the others, which they would slow down.
      {
        test: { ...common, name: 'extended', include: extended, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
