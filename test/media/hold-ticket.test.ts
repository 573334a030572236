import { onTestFinished, expect, test } from 'vitest';
import { holdTicket } from '../../media/hold-ticket.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { memoryLedger } from '../../shared/ledger/memory.ts';
import { Outage } from '../../shared/errors.ts';
import { isUnsettled, manualClock } from '../clock.ts';

// An open socket and its ticket, on a manual clock. The lease is 9 seconds and is renewed every 3.
const [KEY, LEASE] = ['media-ticket:media:reference', 9];

async function heldTicket() {
  const clock = manualClock();
  const whole = memoryLedger(clock);
  const asked: string[] = [];
  let health: 'up' | 'down' | 'hanging' | 'losing answers' | 'slow' = 'up';
  async function through<Result>(what: string, work: () => Promise<Result> | Result): Promise<Result> {
    asked.push(what);
    if (health === 'down') throw new Outage('ledger-unavailable');
    if (health === 'hanging') return new Promise<Result>(() => {});
    if (health === 'slow') await clock.sleep(4_000);
    const result = await work();
    if (health === 'losing answers') throw new Outage('ledger-unavailable');
    return result;
  }
  const ledger: Ledger = {
    ...whole,
    async acquire(...given) {
      const claim = await through('acquire', () => whole.acquire(...given));
      if (claim.state !== 'acquired') return claim;
      const { lease } = claim;
      return { state: 'acquired', lease: { ...lease, renew: () => through('renew', lease.renew) } };
    },
  };
  const claim = await ledger.acquire({ key: KEY }, LEASE);
  if (claim.state !== 'acquired') throw new Error('nobody else holds the ticket');
  const socket = new AbortController();
  onTestFinished(() => socket.abort());
  const held = holdTicket({
    lease: claim.lease,
    leaseSeconds: LEASE,
    clock,
    closed: socket.signal,
  });
  return {
    clock,
    asked,
    held,
    close: () => socket.abort(),
    is: (next: typeof health) => void (health = next),
    /** Whether another socket could acquire the ticket. */
    isFree: async () => {
      const other = await whole.acquire({ key: KEY }, LEASE);
      if (other.state === 'acquired') await other.lease.release();
      return other.state === 'acquired';
    },
    takeAway: () => whole.acquire({ key: KEY }, 10 * 60),
  };
}

test('a ticket is renewed while the socket is open, and free as soon as it is closed', async () => {
  const ticket = await heldTicket();
  await ticket.clock.advance(60_000);
  expect(await ticket.isFree()).toBe(false);
  ticket.close();
  expect(await ticket.held).toBeUndefined();
  expect(await ticket.isFree()).toBe(true);
});

test.each(['down', 'hanging', 'losing answers'] as const)(
  'a ledger that is %s for less than the lease has no effect',
  async (how) => {
    const ticket = await heldTicket();
    ticket.is(how);
    await ticket.clock.advance(5_000);
    ticket.is('up');
    await ticket.clock.advance(60_000);
    expect(await isUnsettled(ticket.held)).toBe(true);
    expect(await ticket.isFree()).toBe(false);
  },
);

test.each(['down', 'hanging', 'losing answers'] as const)(
  'a ledger that is %s for a minute ends no call: the socket still holds its ticket',
  async (how) => {
    const ticket = await heldTicket();
    ticket.is(how);
    await ticket.clock.advance(60_000);
    expect(await isUnsettled(ticket.held)).toBe(true);
    ticket.is('up');
    await ticket.clock.advance(30_000);
    expect(await isUnsettled(ticket.held)).toBe(true);
    expect(await ticket.isFree()).toBe(false);
    ticket.close();
    await ticket.held;
    expect(await ticket.isFree()).toBe(true);
  },
);

test('a socket whose ticket another has acquired is closed when the ledger is back', async () => {
  const ticket = await heldTicket();
  ticket.is('down');
  await ticket.clock.advance(30_000);
  await ticket.takeAway();
  ticket.is('up');
  await ticket.clock.advance(30_000);
  expect(await ticket.held).toBe('ticket-lost');
});

test('a renewal that arrives after the lease was lost does not count', async () => {
  const ticket = await heldTicket();
  // The first renewal fails. The second is sent in time, but arrives when another holds the ticket.
  ticket.is('down');
  await ticket.clock.advance(5_000);
  ticket.is('slow');
  await ticket.clock.advance(4_500);
  await ticket.takeAway();
  ticket.is('up');
  await ticket.clock.advance(30_000);
  expect(await ticket.held).toBe('ticket-lost');
});

test('a socket is closed after five minutes without a confirmation', async () => {
  const ticket = await heldTicket();
  ticket.is('down');
  await ticket.clock.advance(4 * 60_000);
  expect(await isUnsettled(ticket.held)).toBe(true);
  await ticket.clock.advance(2 * 60_000);
  expect(await ticket.held).toBe('ledger-unavailable');
});

test('a ledger that is down gets at most one request in a third of the lease', async () => {
  const ticket = await heldTicket();
  ticket.is('down');
  await ticket.clock.advance(90_000);
  expect(ticket.asked.filter((what) => what === 'renew').length).toBeLessThanOrEqual(30);
});
