import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stageApp } from '../tools/build/stage.ts';
import { publish } from './harness/report.ts';
import { spreadOf, toldSpread } from './harness/statistics.ts';

// How long it takes from the start of a process until all functions are registered: this app as it is deployed, beside
// an app of one function on `@azure/functions` alone that is bundled in the same way, and beside itself unbundled.
// The runs are interleaved, so that whatever else the machine does befalls all of them.
//
//     npm run bench -- start-up
const ROUNDS = Number(process.argv[2] ?? 60);
const root = path.resolve(import.meta.dirname, '..');
const child = path.join(import.meta.dirname, 'start-up', 'child.cjs');

/** Everything that the app can serve. Nothing of it is asked for: warming begins after the functions are registered. */
const settings = {
  ACS_RESOURCE_ID: '11111111-2222-3333-4444-555555555555',
  ACS_ENDPOINT: 'https://ringward.communication.azure.com',
  CALLBACK_BASE_URL: 'https://calls.example.com',
  CALLBACK_KEY_SECRET: 'callback-key',
  EVENT_GRID_KEY_SECRET: 'event-grid-key',
  EVENT_GRID_TENANT_ID: '11111111-2222-3333-4444-555555555555',
  EVENT_GRID_AUDIENCE: 'api://ringward',
  KEY_VAULT_URL: 'https://ringward.vault.azure.net',
  LEDGER_TABLE_URL: 'https://ringward.table.core.windows.net',
  VONAGE_PROJECTS: '12345678',
};
const ONE_FUNCTION = `
  import { app } from '@azure/functions';
  app.http('hello', { methods: ['GET'], authLevel: 'anonymous', handler: async () => ({ status: 200 }) });
`;

/** In the place of the module that the worker supplies at run time. */
const CORE = `
  exports.version = '3.12.0';
  exports.functions = [];
  exports.registerFunction = (metadata) => void exports.functions.push(metadata.name);
  exports.setProgrammingModel = exports.registerHook = exports.log = () => {};
`;

const folder = await mkdtemp(path.join(tmpdir(), 'ringward-start-up-'));
const own = path.join(folder, 'own');
const one = path.join(folder, 'one');
const cache = path.join(folder, 'cache');
await stageApp(root, own);
await stageOneFunction(one);
const core = path.join(folder, '@azure', 'functions-core');
await mkdir(core, { recursive: true });
await writeFile(path.join(core, 'index.js'), CORE);

const starts: Record<string, readonly string[]> = {
  'Node alone': ['none'],
  'one function': [path.join(one, 'main.cjs')],
  'Ringward, dist/app': [path.join(own, 'main.cjs')],
  'dist/app with a filled compile cache': [path.join(own, 'main.cjs'), cache],
  'Ringward, unbundled': [path.join(root, 'functions', 'main.ts')],
  'the SDKs, dist/app/azure-sdks.cjs': [path.join(own, 'azure-sdks.cjs')],
  'azure-sdks.cjs with a filled compile cache': [path.join(own, 'azure-sdks.cjs'), cache],
  'the SDKs, unbundled': [path.join(root, 'shared', 'azure-sdks.ts')],
};
type Start = { readonly functions: number; readonly wall: number; readonly cpu: number };
const measured = new Map<string, Start[]>(Object.keys(starts).map((name) => [name, []]));

// The first round fills the disk's cache and the compile cache.
for (let round = -1; round < ROUNDS; round++) {
  for (const [name, args] of Object.entries(starts)) {
    const one = start(args);
    if (round >= 0) measured.get(name)?.push(one);
  }
}
await rm(folder, { recursive: true });

const spread = (name: string, what: 'wall' | 'cpu') =>
  spreadOf((measured.get(name) ?? []).map((one) => one[what]));
const times = (name: string, what: 'wall' | 'cpu') =>
  spread(name, what).median / spread('one function', what).median;
await publish({
  title: 'Start-up',
  about: `From the start of a process until all functions are registered, in milliseconds: the app as it is deployed, beside
an app of one function on \`@azure/functions\` alone that is bundled by the same build, and beside itself unbundled, as
\`npm start\` runs it. In turns, ${ROUNDS} rounds, medians and quartiles; CPU is what the process computed until then. The
platform's own worker, which loads the app, is not counted. The rows of the SDKs are a process that loads them and nothing
else.`,
  tables: [
    {
      title: 'Until the functions are registered',
      columns: ['started', 'functions', 'elapsed ms', '/ one function', 'CPU ms', '/ one function'],
      rows: [...measured].map(([name, rounds]) => {
        const count = rounds[0]?.functions ?? 0;
        const figures = (['wall', 'cpu'] as const).flatMap((what) => [
          toldSpread(spread(name, what)),
          count > 0 ? times(name, what).toFixed(2) : '',
        ]);
        return [name.trim(), count > 0 ? String(count) : '', ...figures];
      }),
      plot: {
        unit: 'elapsed, ms',
        bars: [...measured.keys()].map((name) => {
          const { median: value, low, high } = spread(name, 'wall');
          return { name: name.trim(), value, low, high };
        }),
      },
    },
  ],
  targets: [
    {
      what: 'time until it has started, of one function',
      value: times('Ringward, dist/app', 'wall'),
      atMost: 1.2,
    },
    {
      what: 'CPU until it has started, of one function',
      value: times('Ringward, dist/app', 'cpu'),
      atMost: 1.2,
    },
  ],
});

/** Both in milliseconds: from before the process was there, and what it computed until then. */
function start(args: readonly string[]): Start {
  // Where `require` looks last.
  const environment = { PATH: process.env['PATH'], NODE_PATH: folder, ...settings };
  const started = String(process.hrtime.bigint());
  const { stdout, stderr } = spawnSync(process.execPath, [child, ...args], {
    env: { ...environment, STARTED: started },
    encoding: 'utf8',
  });
  if (!stdout) throw new Error(`${args[0]} does not start: ${stderr.slice(-1000)}`);
  const { functions, nanoseconds, cpu } = JSON.parse(stdout);
  return { functions, wall: Number(nanoseconds) / 1e6, cpu: cpu / 1e3 };
}

/** An app of one function, through the very same build: a project of its own, with the packages of this one. */
async function stageOneFunction(into: string): Promise<void> {
  const project = path.join(folder, 'project');
  await mkdir(path.join(project, 'functions'), { recursive: true });
  await writeFile(path.join(project, 'functions', 'main.ts'), ONE_FUNCTION);
  for (const part of ['shared', 'node_modules', 'host.json', 'package.json']) {
    await symlink(path.join(root, part), path.join(project, part));
  }
  await stageApp(project, into);
}
