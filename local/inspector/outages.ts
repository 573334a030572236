import type { FakeCloud } from '../fake-cloud.ts';
import type { Azurite } from '../fakes/azurite.ts';
import type { Part } from './contract.ts';

/** Takes the services of the fakes away and brings them back. */
export function outages(options: {
  cloud: FakeCloud;
  azurite: Azurite;
  /** Starts the app and the media host anew. */
  restart: () => Promise<void>;
}) {
  const { cloud, azurite, restart } = options;
  const out = new Set<Part>();
  const services: Record<Part, readonly { down(): Promise<void>; up(): Promise<void> }[]> = {
    keys: [cloud.acs, cloud.entra],
    vault: [cloud.azure.vault],
    ledger: [azurite],
  };
  let turn: Promise<void> = Promise.resolve();

  async function change(part: Part, isOut: boolean): Promise<void> {
    if (out.has(part) === isOut) return;
    await Promise.all(services[part].map((service) => (isOut ? service.down() : service.up())));
    if (isOut) out.add(part);
    else out.delete(part);
    // An instance goes on with the keys and secrets that it has for a day, and asks for what it lacks ever more seldom:
    // a new one has none at once, and fetches them at once.
    if (part !== 'ledger') await restart();
  }

  return {
    list: (): readonly Part[] => [...out],
    /** One after the other, in the order asked for. */
    set(part: Part, isOut: boolean): Promise<void> {
      const next = turn.then(() => change(part, isOut));
      turn = next.catch(() => {});
      return next;
    },
  };
}

export type Outages = ReturnType<typeof outages>;
