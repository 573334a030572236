import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp } from '../../../local/app-process.ts';
import type { AppProcess } from '../../../local/app-process.ts';
import type { SendResult } from '../../../local/inspector/contract.ts';
import { vonageKinds, vonageStates } from '../../../shared/events/vonage.ts';
import { readSettings } from '../../../shared/settings/settings.ts';
import type { DeliveryLogEntry } from '../../../shared/telemetry/delivery-log.ts';
import { expectedOf, listed } from '../../../tools/send/catalog.ts';
import type { Catalog } from '../../../tools/send/catalog.ts';
import type { SendOptions } from '../../../tools/send/options.ts';
import { withSecrets } from '../../../tools/send/with-secrets.ts';
import { bareEnvironment, command } from '../../support/command.ts';
import { projectWith } from '../../support/project.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

// Against the functions as `npm start -- --bare` serves them, with nothing but development secrets.
const secret = (what: string) => `${what} of thirty-two bytes or more, for tests`;
const settings = {
  AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
  VONAGE_PROJECTS: '12345678:aaaaaaaa-bbbb-cccc-dddd-0123456789ab',
  ...Object.fromEntries(
    vonageKinds.map((kind) => [
      `SECRET_VONAGE_12345678_${kind.toUpperCase().replaceAll('-', '_')}`,
      secret(kind),
    ]),
  ),
  EVENT_GRID_KEY_SECRET: 'event-grid-key',
  SECRET_EVENT_GRID_KEY: secret('shared key'),
};
let app: AppProcess;
let folder: string;
const lines: DeliveryLogEntry[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
  app = await startApp({
    app: path.join(await projectWith(), 'functions', 'main.ts'),
    port: 0,
    environment: { ...bareEnvironment(), ...settings },
    expectedRoutes: [],
    onLog: ({ message }) => {
      if (message.startsWith('{"delivery":')) lines.push(JSON.parse(message) as DeliveryLogEntry);
    },
    onOutput: () => {},
  });
});
afterAll(() => app.stop());

const sender = withSecrets(readSettings(settings));
async function send(what: { event?: string; forge?: string }): Promise<SendResult[]> {
  const results: SendResult[] = [];
  const none = {
    event: undefined,
    forge: undefined,
    caller: undefined,
    from: undefined,
    settings: undefined,
    secret: true,
  };
  await sender.send({ ...none, ...what, to: app.url, count: 1, rate: undefined }, (result) => {
    results.push(result);
  });
  return results;
}

/** The same with the line of the log, which comes from another process than the answer, and later where that is busy. */
async function sendOne(what: { event?: string; forge?: string }) {
  const before = lines.length;
  const results = await send(what);
  await expect.poll(() => lines.length, { interval: 5 }).toBe(before + 1);
  return { results, line: lines[before] };
}

const states = vonageKinds.flatMap((kind) => vonageStates[kind].map((state) => `${kind}:${state}`));

test.each([...vonageKinds, ...states])('%s is accepted and handled', async (event) => {
  const { results, line } = await sendOne({ event });
  expect(results).toEqual([{ sent: event, status: 200, milliseconds: expect.any(Number) as number }]);
  const events = event.includes(':') ? { events: { [event]: 1 } } : {};
  expect(line).toMatchObject({
    delivery: 'vonage',
    verdict: 'accepted',
    outcomes: { handled: 1 },
    ...events,
  });
});

test('IncomingCall is accepted; a handler that answers it fails where there is nobody to answer through', async () => {
  const { results, line } = await sendOne({ event: 'IncomingCall' });
  expect(results).toMatchObject([{ status: 500 }]);
  expect(line).toMatchObject({ verdict: 'accepted', reason: 'handler-threw' });
});

test('every forgery that it lists is refused, for the reason that it lists', async () => {
  const forgeries = sender.catalog.forgeries.flatMap(({ members }) => members);
  expect(forgeries.length).toBeGreaterThan(40);
  for (const { name, status, reason } of forgeries) {
    const { results, line } = await sendOne({ forge: name });
    expect([name, results[0]?.status, line?.reason]).toEqual([name, status, reason]);
  }
});

test('a project with one secret for all kinds, and for any application, is not said to refuse what it takes', () => {
  const one = withSecrets(
    readSettings({
      AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
      VONAGE_PROJECTS: '12345678',
      SECRET_VONAGE_12345678: secret('all'),
    }),
  );
  const names = one.catalog.forgeries.flatMap(({ members }) => members.map(({ name }) => name));
  expect(names.filter((name) => /application|another-kind/.test(name))).toEqual([]);
  expect(names).toContain('vonage-api-key-of-another');
});

const ofKinds = (...names: readonly string[]) =>
  withSecrets(
    readSettings({
      AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
      VONAGE_PROJECTS: '12345678',
      ...Object.fromEntries(names.map((name) => [`SECRET_VONAGE_12345678_${name}`, secret(name)])),
    }),
  ).catalog;
const namesIn = ({ forgeries }: Catalog) =>
  forgeries.flatMap(({ members }) => members.map(({ name }) => name));

test('of a project with secrets for some kinds it offers those, and says which secret another kind needs', () => {
  const catalog = ofKinds('SIP');
  expect(catalog.genuine.map(({ names }) => names)).toEqual([
    ['sip', 'sip:callCreated', 'sip:callUpdated', 'sip:callDestroyed', 'sip:muteForced'],
  ]);
  expect(namesIn(catalog)).toContain('vonage-body-altered');
  expect(listed(catalog)).toContain('archive needs SECRET_VONAGE_12345678_ARCHIVE');
  for (const event of ['archive', 'archive:stopped']) {
    expect(() => expectedOf(catalog, { event } as SendOptions)).toThrow(
      'archive needs its secret in SECRET_VONAGE_12345678_ARCHIVE, which is not set.',
    );
  }
});

test('a secret or a route of another kind is forged where another kind has a secret', () => {
  const ofAnother = (catalog: Catalog) => namesIn(catalog).filter((name) => name.includes('another-kind'));
  expect(ofAnother(ofKinds('CAPTIONS'))).toEqual([]);
  expect(ofAnother(ofKinds('CAPTIONS', 'BROADCAST'))).toHaveLength(2);
});

test.each<[string, Record<string, string>]>([
  ['none', { ACS_RESOURCE_ID: '11111111-2222-3333-4444-555555555555' }],
  [
    'a shared key that opens nothing without a token of Entra',
    {
      EVENT_GRID_KEY_SECRET: 'event-grid-key',
      SECRET_EVENT_GRID_KEY: secret('shared key'),
      EVENT_GRID_AUDIENCE: 'api://ringward',
      EVENT_GRID_TENANT_ID: '11111111-2222-3333-4444-555555555555',
    },
  ],
])('settings with no secret to sign with are refused: %s', (_, given) => {
  const development = { AZURE_FUNCTIONS_ENVIRONMENT: 'Development' };
  expect(() => withSecrets(readSettings({ ...development, ...given }))).toThrow('no development secret');
});

const sent = (...args: readonly string[]) => command('send.ts', args);

test('the command sends many with the secrets of a file, and tells of them in a table', async () => {
  const file = path.join(folder, 'local.settings.json');
  writeFileSync(file, JSON.stringify({ IsEncrypted: false, Values: settings }));
  const many = await sent('archive', '--settings', file, '--to', app.url, '--count', '30');
  expect([many.code, many.errors]).toEqual([0, '']);
  expect(many.output).toMatch(
    /^ {2}status +verdict +reason +how many +p50 +p90 +p99 +max ms\n✓ 200 +30( +[\d.]+){4}\n$/,
  );
  const forged = await sent('--forge', 'vonage-body-altered', '--settings', file, '--to', app.url);
  expect([forged.code, forged.output]).toEqual([0, expect.stringMatching(/^✓ 401 +1 /m) as string]);
  // Nobody listens on the port of the discard service.
  const nobody = await sent('sip', '--settings', file, '--to', 'http://127.0.0.1:9');
  expect([nobody.code, nobody.output]).toEqual([1, expect.stringMatching(/^✗ none +1 /m) as string]);
  expect((await sent('nothing', '--settings', file)).code).toBe(64);
});

test('where no npm start listens the command says to start one', async () => {
  const { code, errors } = await sent('--from', 'http://127.0.0.1:9');
  expect(code).toBe(1);
  expect(errors).toContain('Run npm start first');
  const other = await sent('--from', app.url);
  expect([other.code, other.errors]).toEqual([1, expect.stringContaining('is no npm start') as string]);
});
