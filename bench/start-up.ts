import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stageApp } from '../tools/build/stage.ts';
import { publish } from './harness/report.ts';
import { medianRatio, spreadOf } from './harness/statistics.ts';

// Time from the start of a process until all functions are registered: the staged app, an app of one function that the
// same build bundles, and the app unbundled. They take turns, so that other work on the machine slows all of them. Each
// app is loaded as the worker does: CommonJS from disk, by `require`.
//
//     npm run bench -- start-up [--long]
const ROUNDS = Number(process.argv[2] ?? 60);
const root = path.resolve(import.meta.dirname, '..');
const child = path.join(import.meta.dirname, 'start-up', 'child.cjs');

/** Enables every route. No service is asked: the app warms up after its functions are registered. */
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
  LIVEKIT_KEYS: 'APIabcdEFGH1234',
  TWILIO_ACCOUNTS: 'AC0123456789abcdef0123456789abcdef',
};
const ONE_FUNCTION = `
  import { app } from '@azure/functions';
  app.http('hello', { methods: ['GET'], authLevel: 'anonymous', handler: async () => ({ status: 200 }) });
`;

/** Fake of the module that the platform's worker supplies at run time. */
const CORE = `
  exports.version = '3.12.0';
  exports.functions = [];
  exports.registerFunction = (metadata) => void exports.functions.push(metadata.name);
  exports.setProgrammingModel = exports.registerHook = exports.log = () => {};
`;

const folder = await mkdtemp(path.join(tmpdir(), 'ringward-start-up-'));
const staged = path.join(folder, 'staged');
const one = path.join(folder, 'one');
await stageApp(root, staged);
await stageOneFunction(one);
const core = path.join(folder, '@azure', 'functions-core');
await mkdir(core, { recursive: true });
await writeFile(path.join(core, 'index.js'), CORE);

const starts = {
  'Node alone': ['none'],
  'one function': [path.join(one, 'main.cjs')],
  'Ringward, dist/app': [path.join(staged, 'main.cjs')],
  'Ringward, unbundled': [path.join(root, 'functions', 'main.ts')],
  'the rest of Ringward, dist/app/app.cjs': [path.join(staged, 'app.cjs')],
  'the SDKs, dist/app/azure-sdks.cjs': [path.join(staged, 'azure-sdks.cjs')],
  'the SDKs, unbundled': [path.join(root, 'shared', 'azure-sdks.ts')],
};
/** Whether each app is also started with none of its files in the system's cache. */
const canForget = spawnSync('dd', ['if=/dev/null', 'iflag=nocache', 'count=0']).status === 0;
const COLD = ', files not cached';
const chosen = canForget
  ? { ...starts, ...cold('one function'), ...cold('Ringward, dist/app') }
  : (starts as Readonly<Record<string, string[]>>);
const measured = Object.entries(chosen).map(([name, args]) => ({
  name,
  args,
  functions: 0,
  wallMs: [] as number[],
  cpuMs: [] as number[],
}));

// The first round fills the file cache of the system.
for (let round = 0; round <= ROUNDS; round++) {
  for (const entry of measured) {
    if (entry.name.endsWith(COLD)) for (const file of entry.args) forget(file);
    const { functions, nanoseconds, cpu } = start(entry.args);
    entry.functions = functions;
    if (round === 0) continue;
    entry.wallMs.push(Number(nanoseconds) / 1e6);
    entry.cpuMs.push(cpu / 1e3);
  }
}
await rm(folder, { recursive: true });

const find = (name: string) => measured.find((entry) => entry.name === name)!;
const [oneFunction, app] = [find('one function'), find('Ringward, dist/app')];
await publish({
  title: 'Start-up',
  about: `From the start of a process until all functions are registered, in milliseconds: the staged app, an app of one function
on \`@azure/functions\` that the same build bundles, and the app unbundled, as \`npm start\` runs it. They take turns; ${ROUNDS} rounds,
medians and quartiles, ratios round by round. CPU is that of the process until then. The app registers its functions and answers the
platform; everything else is loaded after that, from \`app.cjs\` and \`azure-sdks.cjs\`, whose rows are a process that loads them and
nothing else. The platform's own worker is not included.`,
  tables: [
    {
      title: 'Until the functions are registered',
      columns: ['started', 'functions', 'elapsed ms', '/ one function', 'CPU ms', '/ one function'],
      rows: measured.map(({ name, functions, wallMs, cpuMs }) => [
        name,
        functions || '',
        spreadOf(wallMs),
        functions > 0 ? medianRatio(wallMs, oneFunction.wallMs) : '',
        spreadOf(cpuMs),
        functions > 0 ? medianRatio(cpuMs, oneFunction.cpuMs) : '',
      ]),
    },
  ],
  limits: [
    {
      what: 'time to registration, of one function',
      value: medianRatio(app.wallMs, oneFunction.wallMs),
      atMost: 1.15,
    },
    {
      what: 'CPU to registration, of one function',
      value: medianRatio(app.cpuMs, oneFunction.cpuMs),
      atMost: 1.15,
    },
  ],
});

function cold(name: keyof typeof starts) {
  return { [`${name}${COLD}`]: starts[name] };
}

/** Takes a file out of the system's cache. */
function forget(file: string): void {
  spawnSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0']);
}

function start(args: readonly string[]): { functions: number; nanoseconds: string; cpu: number } {
  const { stdout, stderr } = spawnSync(process.execPath, [child, ...args], {
    env: {
      PATH: process.env['PATH'],
      // Where `require` looks last: for the fake of the worker's module.
      NODE_PATH: folder,
      ...settings,
      STARTED: String(process.hrtime.bigint()),
    },
    encoding: 'utf8',
  });
  if (!stdout) throw new Error(`${args[0]} does not start: ${stderr.slice(-1000)}`);
  return JSON.parse(stdout);
}

/** Builds an app of one function in a project of its own, with the packages of this one. */
async function stageOneFunction(into: string): Promise<void> {
  const project = path.join(folder, 'project');
  await mkdir(path.join(project, 'functions'), { recursive: true });
  await writeFile(path.join(project, 'functions', 'main.ts'), ONE_FUNCTION);
  await writeFile(path.join(project, 'functions', 'app.ts'), '');
  for (const part of ['shared', 'node_modules', 'host.json', 'package.json']) {
    await symlink(path.join(root, part), path.join(project, part));
  }
  await stageApp(project, into);
}
