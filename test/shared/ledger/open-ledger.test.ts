import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { FakeAzure } from '../../../local/fakes/azure.ts';
import { startAzurite } from '../../../local/fakes/azurite.ts';
import type { Azurite } from '../../../local/fakes/azurite.ts';
import { listening } from '../../../local/fakes/listening.ts';
import { openLedger } from '../../../shared/ledger/open-ledger.ts';
import { readSettings } from '../../../shared/settings/settings.ts';
import { ledgerOf } from '../../../shared/settings/table.ts';
import type { Environment } from '../../../shared/settings/table.ts';
import { manualClock, settled } from '../../clock.ts';
import { azureForThisProcess } from '../../support/azure.ts';
import { development, faultsOf, production } from '../../support/settings.ts';
import { unique } from '../../support/table.ts';
import { held } from './contract.ts';

const LEASE_SECONDS = 8;
const OUTAGE = { name: 'Outage', reason: 'ledger-unavailable' };
const STORAGE = 'https://storage.azure.com';
let azure: FakeAzure;
let azurite: Azurite;
beforeAll(async () => {
  azure = await azureForThisProcess();
  azurite = await startAzurite(await azure.authority.issue(['127.0.0.1']));
});
afterAll(async () => {
  await azurite.close();
  await azure.close();
});

/** The ledgers of an app with this environment. */
function opened(environment: Environment) {
  const clock = manualClock();
  const notes: { level: string; event: string; why: unknown }[] = [];
  const ledgers = openLedger(readSettings(environment), clock, (level, event, { why }) =>
    notes.push({ level, event, why }),
  );
  return { ...ledgers, clock, notes };
}
const inProduction = (url: string): Environment => ({
  ...production,
  LEDGER: '',
  LEDGER_TABLE_URL: url,
  IDENTITY_ENDPOINT: process.env['IDENTITY_ENDPOINT'],
});

describe('which ledger is opened', () => {
  const url = 'https://ringward.table.core.windows.net';
  test.each<[Environment, string]>([
    [development, 'memory'],
    [{ ...development, LEDGER_TABLE_URL: 'http://127.0.0.1:10002/devstoreaccount1' }, 'table'],
    [{ ...development, LEDGER: 'memory', LEDGER_TABLE_URL: url }, 'memory'],
    [{ ...production, LEDGER: '', LEDGER_TABLE_URL: url }, 'table'],
    [{ ...production, LEDGER: 'table', LEDGER_TABLE_URL: url }, 'table'],
    [{ ...production, LEDGER: 'memory' }, 'memory'],
    [{ ...production, LEDGER: 'memory', LEDGER_TABLE_URL: url }, 'memory'],
  ])('%j: %s', (environment, expected) => {
    expect(ledgerOf(readSettings(environment))).toBe(expected);
  });

  test('outside Development a ledger in memory logs a warning, and nowhere else', () => {
    expect(opened({ ...production, LEDGER: 'memory' }).notes).toEqual([
      { level: 'warn', event: 'ledger-in-memory', why: expect.stringContaining('one instance') },
    ]);
    expect(opened(development).notes).toEqual([]);
    expect(opened({ ...development, LEDGER: 'memory' }).notes).toEqual([]);
  });

  test('in memory, an instance has one ledger', async () => {
    const { ledger, strictLedger } = opened(development);
    await held(await ledger.acquire({ key: 'key' }, LEASE_SECONDS)).complete();
    expect((await strictLedger.acquire({ key: 'key' }, LEASE_SECONDS)).state).toBe('done');
  });

  test.each([
    [{ ...production, LEDGER: '', LEDGER_TABLE_URL: 'http://127.0.0.1:10002/devstoreaccount1' }],
    [{ ...production, LEDGER: '', LEDGER_TABLE_URL: 'http://ringward.table.core.windows.net' }],
    [{ ...development, LEDGER_TABLE_URL: 'http://ringward.table.core.windows.net' }],
    [{ ...development, LEDGER_TABLE_URL: 'http://127.0.0.1.example.com:10002/devstoreaccount1' }],
  ])('a table over http is accepted only on loopback and in Development: %j', (environment) => {
    expect(faultsOf(environment)).toEqual([expect.stringMatching(/^LEDGER_TABLE_URL must begin with https/)]);
  });
});

describe('the table of a storage account', () => {
  // These run first, with client ids for which the library has no cached token.
  test.each(['hang', 'drip'] as const)(
    'a sign-in that never ends (%s) is an outage after five seconds, and ends with the fault',
    async (fault) => {
      azure.identity.play(fault);
      onTestFinished(() => azure.identity.play());
      const environment = { ...inProduction(azurite.url), AZURE_CLIENT_ID: fault };
      const { clock, notes, strictLedger } = opened(environment);
      const acquired = Promise.allSettled([strictLedger.acquire({ key: unique() }, LEASE_SECONDS)]);
      // The next cleanup, the heartbeat and the timeout.
      while (clock.sleepers() < 3) await settled();
      await clock.advance(5000);
      expect(await acquired).toMatchObject([{ reason: OUTAGE }]);
      expect(notes).toMatchObject([{ event: 'ledger-unavailable', why: 'the table did not answer in time' }]);
      azure.identity.play();
      await clock.advance(5000);
      expect((await strictLedger.acquire({ key: unique() }, LEASE_SECONDS)).state).toBe('acquired');
    },
  );

  test('is opened with the managed identity, and shared by the instances', async () => {
    const [one, other] = [opened(inProduction(azurite.url)), opened(inProduction(azurite.url))];
    const [key, name] = [unique(), unique()];
    await held(await one.ledger.acquire({ key }, LEASE_SECONDS)).complete();
    expect((await other.ledger.acquire({ key }, LEASE_SECONDS)).state).toBe('done');
    expect(await one.ledger.putIfAbsent(name, 'first', 60)).toBe('first');
    expect(await other.ledger.get(name)).toBe('first');
    expect(azure.identity.issued(STORAGE)).toBeGreaterThan(0);
    expect([...one.notes, ...other.notes]).toEqual([]);
  });

  test('during an outage deliveries obey LEDGER_OUTAGE, and the strict ledger throws', async () => {
    const proceeding = opened(inProduction(azurite.url));
    const refusing = opened({ ...inProduction(azurite.url), LEDGER_OUTAGE: 'refuse' });
    await azurite.down();
    onTestFinished(azurite.up);
    const key = unique();
    expect((await proceeding.ledger.acquire({ key }, LEASE_SECONDS)).state).toBe('acquired');
    await expect(proceeding.strictLedger.acquire({ key }, LEASE_SECONDS)).rejects.toMatchObject(OUTAGE);
    await expect(refusing.ledger.acquire({ key }, LEASE_SECONDS)).rejects.toMatchObject(OUTAGE);
    expect([proceeding.ledger.isAvailable(), refusing.ledger.isAvailable()]).toEqual([false, false]);
  });
});

describe('its credentials', () => {
  /** A service that refuses every request, and records the credentials. */
  async function refusing(tls?: { cert: string; key: string }) {
    const shown: string[] = [];
    const take: RequestListener = ({ headers }, response) => {
      shown.push(headers.authorization ?? 'nothing');
      response.writeHead(403).end();
    };
    const server = tls ? createTlsServer(tls, take) : createServer(take);
    const { port, down } = await listening(server);
    onTestFinished(down);
    return { shown, port };
  }

  test.each<[string, Environment, 'http' | 'https', RegExp]>([
    ['in Development on loopback', development, 'http', /^SharedKey(Lite)? devstoreaccount1:/],
    ['in production on loopback', production, 'https', /^Bearer ey/],
    ['in Development elsewhere', development, 'https', /^Bearer ey/],
  ])('%s', async (where, environment, scheme, expected) => {
    const name = 'other.table.core.windows.net';
    const tls = scheme === 'https' ? await azure.authority.issue([name, '127.0.0.1']) : undefined;
    const { shown, port } = await refusing(tls);
    azure.route(name, port);
    const host = where.endsWith('elsewhere') ? name : `127.0.0.1:${port}`;
    const { notes, strictLedger } = opened({
      ...inProduction(`${scheme}://${host}/devstoreaccount1`),
      ...environment,
      LEDGER: 'table',
    });
    await expect(strictLedger.acquire({ key: unique() }, LEASE_SECONDS)).rejects.toMatchObject(OUTAGE);
    // It asks for the table to be made, which need not be allowed, and then for the row.
    expect(shown).toEqual([expect.stringMatching(expected), expect.stringMatching(expected)]);
    expect(notes).not.toEqual([]);
    expect(JSON.stringify(notes)).not.toMatch(/Bearer|SharedKey|ey[A-Z]/);
  });
});
