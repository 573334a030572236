import { misused, parseOptions } from '../../local/cli.ts';
import type { Asked } from './parts/part.ts';

export const usageOf = (parts: readonly { readonly name: string; readonly about: string }[]): string =>
  `npm run harden -- [part …] [options]
  --long         the full counts: hours, where the short form takes minutes
  --seed <n>     repeats the random choices of a run that printed this seed
  --minutes <n>  how long the soak takes
  --help         print this and end
The parts, all of which run where none is named:
${parts.map(({ name, about }) => `  ${name.padEnd(13)}${about}`).join('\n')}
It ends with 0 where nothing was found, 1 where something was, and 64 where an option was not understood.`;

const options = {
  long: { type: 'boolean', default: false },
  seed: { type: 'string' },
  minutes: { type: 'string' },
} as const;

/** @throws UsageError */
export const readOptions = (args: readonly string[], known: readonly string[], usage: string) =>
  parseOptions(args, { options, usage }, ({ long, ...values }, names) => {
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length > 0) misused(`There is no part ${unknown.join(', ')}. There is ${known.join(', ')}.`);
    const seed = number('--seed', values.seed);
    const minutes = number('--minutes', values.minutes);
    const asked: Asked = {
      extent: long ? 'long' : 'short',
      seed: seed === undefined ? Math.floor(Math.random() * 2 ** 32) : seed >>> 0,
      minutes,
    };
    return { asked, names: names.length > 0 ? names : known };
  });

function number(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+(\.\d+)?$/.test(text)) misused(`${option} is a number, not ${text}.`);
  return Number(text);
}
