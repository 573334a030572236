import { joined } from './vector.ts';
import type { Vector } from './vector.ts';

/** Other texts that a lenient decoder reads the same out of, or something at all. */
const RESPELLED: Readonly<Record<string, (part: string) => string>> = {
  padding: (part) => `${part}${'='.repeat((4 - (part.length % 4)) % 4) || '===='}`,
  'the other alphabet': (part) => `${part}/`,
  'a line break': (part) => `${part.slice(0, 4)}\n${part.slice(4)}`,
  'a space behind it': (part) => `${part} `,
  'a zero behind it': (part) => `${part}\0`,
  'a character of no alphabet': (part) => `${part.slice(0, 4)}~${part.slice(4)}`,
  'percent encoding': (part) => `%${part.charCodeAt(0).toString(16)}${part.slice(1)}`,
  'a letter of full width': (part) => String.fromCharCode(part.charCodeAt(0) + 0xfee0) + part.slice(1),
  nothing: () => '',
};
const ONE_SPELLING = 'one token has one spelling, or a check for reuse is none';

export const spellings: readonly Vector[] = [
  ...Object.entries(RESPELLED).flatMap(([what, respelled]) =>
    [0, 1, 2].map((at): Vector => [
      `${what}, in segment ${at + 1}`,
      'token-malformed',
      ONE_SPELLING,
      joined((...parts) => parts.map((part, index) => (index === at ? respelled(part) : part)).join('.')),
    ]),
  ),
  [
    // 256 bytes leave four bits of the last character unused.
    'unused bits that are set',
    'token-malformed',
    ONE_SPELLING,
    joined((first, second, third) => {
      const set = { A: 'B', Q: 'R', g: 'h', w: 'x' }[third.slice(-1)];
      return `${first}.${second}.${third.slice(0, -1)}${set}`;
    }),
  ],
];
