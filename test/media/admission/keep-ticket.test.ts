import { onTestFinished, expect, test } from 'vitest';
import { keepTicket } from '../../../media/admission/keep-ticket.ts';
import type { Awaitable } from '../../../shared/awaitable.ts';
import type { Ledger } from '../../../shared/ledger/ledger.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { Outage } from '../../../shared/errors.ts';
import { isPending, manualClock } from '../../clock.ts';

// A live socket and its ticket, on a clock that is moved: the lease is 9 seconds, renewed every third.
const [KEY, LEASE] = ['media-ticket:media:reference', 9];

async function heldTicket() {
  const clock = manualClock();
  const whole = memoryLedger(clock);
  const asked: string[] = [];
  let health: 'well' | 'out' | 'hanging' | 'answers lost' | 'slow' = 'well';
  async function through<Result>(what: string, work: () => Awaitable<Result>): Promise<Result> {
    asked.push(what);
    if (health === 'out') throw new Outage('ledger-unavailable');
    if (health === 'hanging') return new Promise<Result>(() => {});
    if (health === 'slow') await clock.sleep(4_000);
    const result = await work();
    if (health === 'answers lost') throw new Outage('ledger-unavailable');
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
  if (claim.state !== 'acquired') throw new Error('nobody else is there');
  const socket = new AbortController();
  onTestFinished(() => socket.abort());
  const kept = keepTicket({
    lease: claim.lease,
    leaseSeconds: LEASE,
    clock,
    ended: socket.signal,
  });
  return {
    clock,
    asked,
    kept,
    close: () => socket.abort(),
    is: (next: typeof health) => void (health = next),
    /** Whether somebody else would get it. */
    isFree: async () => {
      const other = await whole.acquire({ key: KEY }, LEASE);
      if (other.state === 'acquired') await other.lease.release();
      return other.state === 'acquired';
    },
    takeAway: () => whole.acquire({ key: KEY }, 10 * 60),
  };
}

test('it is renewed as long as the socket is open, and free at once when that is closed', async () => {
  const ticket = await heldTicket();
  await ticket.clock.advance(60_000);
  expect(await ticket.isFree()).toBe(false);
  ticket.close();
  expect(await ticket.kept).toBeUndefined();
  expect(await ticket.isFree()).toBe(true);
});

test.each(['out', 'hanging', 'answers lost'] as const)(
  'a ledger that is %s for less than the lease is not noticed',
  async (how) => {
    const ticket = await heldTicket();
    ticket.is(how);
    await ticket.clock.advance(5_000);
    ticket.is('well');
    await ticket.clock.advance(60_000);
    expect(await isPending(ticket.kept)).toBe(true);
    expect(await ticket.isFree()).toBe(false);
  },
);

test.each(['out', 'hanging', 'answers lost'] as const)(
  'a ledger that is %s for a minute costs no call: the ticket is still its own',
  async (how) => {
    const ticket = await heldTicket();
    ticket.is(how);
    await ticket.clock.advance(60_000);
    expect(await isPending(ticket.kept)).toBe(true);
    ticket.is('well');
    await ticket.clock.advance(30_000);
    expect(await isPending(ticket.kept)).toBe(true);
    expect(await ticket.isFree()).toBe(false);
    ticket.close();
    await ticket.kept;
    expect(await ticket.isFree()).toBe(true);
  },
);

test('a socket whose ticket went to another meanwhile is closed when the ledger is back', async () => {
  const ticket = await heldTicket();
  ticket.is('out');
  await ticket.clock.advance(30_000);
  await ticket.takeAway();
  ticket.is('well');
  await ticket.clock.advance(30_000);
  expect(await ticket.kept).toBe('ticket-lost');
});

test('a renewal that came too late to count does not pass for one that did', async () => {
  const ticket = await heldTicket();
  // The first one fails; the second is sent in time, and arrives when somebody else has the ticket.
  ticket.is('out');
  await ticket.clock.advance(5_000);
  ticket.is('slow');
  await ticket.clock.advance(4_500);
  await ticket.takeAway();
  ticket.is('well');
  await ticket.clock.advance(30_000);
  expect(await ticket.kept).toBe('ticket-lost');
});

test('after five minutes in doubt the socket is closed', async () => {
  const ticket = await heldTicket();
  ticket.is('out');
  await ticket.clock.advance(4 * 60_000);
  expect(await isPending(ticket.kept)).toBe(true);
  await ticket.clock.advance(2 * 60_000);
  expect(await ticket.kept).toBe('ledger-unavailable');
});

test('a ledger that is out is asked no more than once in a third of the lease', async () => {
  const ticket = await heldTicket();
  ticket.is('out');
  await ticket.clock.advance(90_000);
  expect(ticket.asked.filter((what) => what === 'renew').length).toBeLessThanOrEqual(30);
});
