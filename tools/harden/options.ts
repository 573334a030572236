import { parseArgs } from 'node:util';
import type { Asked } from './part.ts';

export const USAGE = `npm run harden [-- [part …] [--long] [--seed n] [--minutes n]]

  part         only these; all of them where none is named
  --long       the full counts: hours, where the short form takes minutes
  --seed n     starts everything random from here again, as a run before printed it
  --minutes n  how long the soak goes on
`;

/** @throws Error that says what is wrong with the command line */
export function readOptions(args: readonly string[], known: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      long: { type: 'boolean', default: false },
      seed: { type: 'string' },
      minutes: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no part ${unknown.join(', ')}; there are ${known.join(', ')}.`);
  const seed = number('--seed', values.seed);
  const minutes = number('--minutes', values.minutes);
  const asked: Asked = {
    extent: values.long ? 'long' : 'short',
    seed: seed === undefined ? Math.floor(Math.random() * 2 ** 32) : seed >>> 0,
    minutes,
  };
  return { asked, help: values.help, names: positionals.length > 0 ? positionals : known };
}

function number(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+(\.\d+)?$/.test(text)) throw new Error(`${option} is a number, not ${text}.`);
  return Number(text);
}
