// `npm run mutate` runs Stryker with this once for each room, from the root of the project.
const room = process.env.RINGWARD_ROOM;
const here = 'tools/mutation';
const results = 'coverage/mutation';

export default {
  mutate: [`shared/${room}/**/*.ts`],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: `${here}/vitest.config.ts`, related: false },
  coverageAnalysis: 'perTest',
  // What runs once, when a module is loaded, would take all the tests for each mutant; see test/harden/RESULTS.md.
  ignoreStatic: true,
  incremental: true,
  incrementalFile: `${results}/${room}.incremental.json`,
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  tempDirName: `${results}/sandbox-${room}`,
  ignorePatterns: ['/dist', '/coverage', `/${here}/node_modules`, '*.log'],
  concurrency: 2,
  timeoutMS: 30_000,
  timeoutFactor: 3,
  dryRunTimeoutMinutes: 20,
  allowEmpty: false,
  // Node strips the types, and no mutant is judged by them.
  disableTypeChecks: false,
  // There is none of this name: Stryker would rewrite it with TypeScript's JavaScript API, which TypeScript 7 has not.
  tsconfigFile: 'none.json',
  checkers: [],
};
