import type { Clock } from '../../clock.ts';
import { Outage } from '../../outage.ts';
import type { Ledger } from '../ledger.ts';
import { bindings } from './bindings.ts';
import { claims } from './claims.ts';
import { inTransactions } from './in-transactions.ts';
import type { Table } from './table.ts';

/**
 * The ledger that any number of instances share. Their clocks must agree to within half a lease: a claim is renewed when
 * a third of its lease has passed, so that two thirds of it are all that is ever left to a clock that is ahead.
 */
export function tableLedger(table: Table, clock: Clock): Ledger {
  const shared = { ...table, change: inTransactions(table) };
  return {
    claim: claims(shared, clock),
    ...bindings(shared, clock, () => new Outage('ledger-unavailable')),
    warm: table.warm,
    isOut: table.isOut,
  };
}
