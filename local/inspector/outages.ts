import type { Clouds } from '../play/clouds.ts';
import type { Azurite } from '../stand-ins/azurite.ts';
import type { Part } from './contract.ts';

/** Takes the services of the stand-ins away and brings them back. */
export function outages(options: {
  clouds: Clouds;
  azurite: Azurite;
  /** Starts the app and the media host anew. */
  restart: () => Promise<void>;
}) {
  const { clouds, azurite, restart } = options;
  const out = new Set<Part>();
  const services: Record<Part, readonly { down(): Promise<void>; up(): Promise<void> }[]> = {
    keys: [clouds.acs, clouds.entra],
    vault: [clouds.azure.vault],
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
