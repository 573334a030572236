import type { Azurite } from '../fakes/azurite.ts';
import type { FakeCloud } from '../target.ts';
import type { Part } from './contract.ts';

/** Stops the fake services that the app depends on, and starts them again. */
export function createOutages(options: {
  cloud: FakeCloud;
  azurite: Azurite;
  /** Restarts the app and the media host. */
  restart: () => Promise<void>;
}) {
  const { cloud, azurite, restart } = options;
  const out = new Set<Part>();
  const services: Record<Part, readonly { down(): Promise<void>; up(): Promise<void> }[]> = {
    keys: cloud.services.flatMap(({ issuers }) => issuers),
    vault: [cloud.azure.vault],
    ledger: [azurite],
  };
  let turn: Promise<void> = Promise.resolve();

  async function change(part: Part, isOut: boolean): Promise<void> {
    if (out.has(part) === isOut) return;
    await Promise.all(services[part].map((service) => (isOut ? service.down() : service.up())));
    if (isOut) out.add(part);
    else out.delete(part);
    // An instance keeps its keys and secrets for a day, and asks for missing ones at growing intervals. A new instance has
    // none, and fetches them at once.
    if (part !== 'ledger') await restart();
  }

  return {
    list: (): readonly Part[] => [...out],
    /** One change after the other. */
    set(part: Part, isOut: boolean): Promise<void> {
      const next = turn.then(() => change(part, isOut));
      turn = next.catch(() => {});
      return next;
    },
  };
}
