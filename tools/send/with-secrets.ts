import { misused } from '../../local/cli.ts';
import { post } from '../../local/http/request.ts';
import type { OutgoingRequest } from '../../local/http/request.ts';
import type { SendResult } from '../../local/inspector/contract.ts';
import { providers } from '../../local/providers/index.ts';
import { sendMany } from '../../local/send-many.ts';
import type { Settings } from '../../shared/settings/settings.ts';
import type { Sender } from './catalog.ts';

const HERE = 'http://127.0.0.1:7071';

/**
 * Signs with the development secrets in the settings. Only Azure, or the fake services of `npm start`, have the private
 * keys that sign the rest.
 *
 * @throws UsageError where the settings hold none
 */
export function withSecrets(settings: Settings): Sender {
  const signers = providers.flatMap((provider) => provider.withSecrets?.(settings) ?? []);
  if (signers.length === 0) {
    misused('The settings hold no development secret that can sign alone: see --secret in docs/send.md.');
  }
  const samples = signers.flatMap((signer) => signer.samples);
  const forgeries = signers.flatMap((signer) => signer.forgeries);
  const byName = new Map([...samples, ...forgeries].map(({ name, make }) => [name, make]));
  return {
    catalog: {
      withoutSecret: signers.flatMap((signer) => signer.withoutSecret ?? []),
      genuine: [...Map.groupBy(samples, ({ group }) => group)].map(([group, members]) => ({
        group,
        names: members.map(({ name }) => name),
      })),
      forgeries: [...Map.groupBy(forgeries, ({ family }) => family)].map(([family, members]) => ({
        family,
        members: members.map(({ name, expected }) => ({ name, ...expected })),
      })),
    },
    async send({ event, forge, to = HERE, count, rate }, onResult) {
      const name = forge ?? event ?? '';
      const make = byName.get(name);
      if (!make) misused(`${name} cannot be signed with a secret alone: leave --secret out.`);
      await sendMany({ send: () => sendOne(name, make(to)), count, rate, onResult });
    },
  };
}

async function sendOne(name: string, request: OutgoingRequest): Promise<SendResult> {
  const began = performance.now();
  try {
    const { status, milliseconds } = await post(request);
    return { sent: name, status, milliseconds };
  } catch {
    return { sent: name, status: 0, milliseconds: performance.now() - began };
  }
}
