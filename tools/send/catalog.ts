import { misused } from '../../local/cli.ts';
import { styleText } from 'node:util';
import type { SendResult, State } from '../../local/inspector/contract.ts';
import type { SecretSigner } from '../../local/providers/provider.ts';
import { printable } from '../../local/printable.ts';
import type { SendOptions } from './options.ts';

/** What can be sent. */
export type Catalog = Pick<State, 'genuine' | 'forgeries'> & Pick<SecretSigner, 'withoutSecret'>;

/** Somebody who signs and sends. */
export type Sender = {
  readonly catalog: Catalog;
  readonly send: (order: SendOptions, onResult: (result: SendResult) => void) => Promise<void>;
};

/** What should come of what is sent: an answer of 2xx (or 101: a socket), or a refusal of a forgery. */
export type Expected = 'genuine' | (Refusal & { readonly alternatively?: Refusal });
type Refusal = { readonly status: number; readonly reason: string };

/**
 * @throws UsageError where there is no such event or forgery
 */
export function expectedOf(
  { genuine, forgeries, withoutSecret = [] }: Catalog,
  { event, forge }: SendOptions,
): Expected {
  const events = genuine.flatMap(({ names }) => names);
  const missing = withoutSecret.find(({ name }) => name === event?.split(':')[0]);
  if (missing) return misused(`${missing.name} needs its secret in ${missing.setting}, which is not set.`);
  if (event !== undefined && !events.includes(event)) return noSuch('event', event, events);
  if (forge === undefined) return 'genuine';
  const all = forgeries.flatMap(({ members }) => members);
  const names = all.map(({ name }) => name);
  return all.find(({ name }) => name === forge) ?? noSuch('forgery', forge, names);
}

function noSuch(what: string, name: string, names: readonly string[]): never {
  const like = names.filter((one) => one.toLowerCase().includes(name.toLowerCase())).slice(0, 5);
  const hint = like.length > 0 ? ` There is ${like.join(', ')}.` : '';
  return misused(`There is no ${what} ${printable(name, 60)}.${hint} npm run send lists what there is.`);
}

/** Everything that can be sent, by group and family. */
export function listed({ genuine, forgeries, withoutSecret = [] }: Catalog): string {
  const members = forgeries.flatMap((family) => family.members);
  const width = Math.max(0, ...members.map(({ name }) => name.length)) + 2;
  const title = (text: string) => styleText('bold', printable(text));
  return [
    title('Genuine: npm run send -- <event>'),
    ...genuine.flatMap(({ group, names }) => [
      `  ${styleText('dim', printable(group))}`,
      ...names.map((name) => `    ${printable(name)}`),
    ]),
    ...withoutSecret.map(({ name, setting }) => `    ${printable(name)} needs ${printable(setting)}`),
    '',
    title('Forged: npm run send -- --forge <how>'),
    ...forgeries.flatMap((family) => [
      `  ${styleText('dim', printable(family.family))}`,
      ...family.members.map(
        ({ name, status, reason }) => `    ${printable(name).padEnd(width)}${status} ${printable(reason)}`,
      ),
    ]),
  ].join('\n');
}
