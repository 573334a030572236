import type { Draw, Mutation } from '../draft.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const STRANGE = [
  ' ',
  '\n',
  '\r\n',
  '\t',
  '=',
  '==',
  '.',
  '+',
  '/',
  '\0',
  '~',
  '%2E',
  '\u00a0',
  '\u200b',
  'é',
  ',',
];

/** Another spelling of one of the segments. */
function respelled(segment: string, draw: Draw): string {
  const at = draw.below(segment.length + 1);
  return draw.one<() => string>([
    () => segment + draw.one(['=', '==', '===', '.', ' ', '\n']),
    () => `${segment}${'='.repeat((4 - (segment.length % 4)) % 4)}`,
    () => segment.replaceAll('-', '+').replaceAll('_', '/'),
    () => segment.slice(0, at) + draw.one(STRANGE) + segment.slice(at),
    () => segment.slice(0, -1) + unusedBits(segment, draw),
    () => segment.slice(0, at) + draw.one([...ALPHABET]) + segment.slice(at + 1),
    () => segment.slice(0, -1),
    () => segment.slice(1),
    () => '',
    () => segment + draw.one([...ALPHABET]),
    () => encodeURIComponent(segment),
  ])();
}

/** A last character that decodes to the same byte where the segment leaves bits unused. */
function unusedBits(segment: string, draw: Draw): string {
  const value = ALPHABET.indexOf(segment.at(-1) ?? 'A');
  return ALPHABET[value ^ (1 + draw.below(segment.length % 4 === 2 ? 15 : 3))] ?? 'A';
}

/** The token is spelled in an odd way. */
export const spelling: Readonly<Record<string, Mutation>> = {
  signedSo: (draft, draw) => {
    // The issuer would sign this spelling: what a lenient reader takes, it takes with a good signature.
    draft.encoded = ([first, second]) =>
      draw.below(2) === 0 ? [respelled(first, draw), second] : [first, respelled(second, draw)];
  },
  changedAfterwards: (draft, draw) => {
    draft.joined = (segments) => {
      const which = draw.below(3);
      return segments
        .map((segment, index) => (index === which ? respelled(segment, draw) : segment))
        .join('.');
    };
  },
  lastBits: (draft, draw) => {
    draft.joined = ([first, second, third]) =>
      `${first}.${second}.${third.slice(0, -1)}${unusedBits(third, draw)}`;
  },
  segments: (draft, draw) => {
    draft.joined = ([first, second, third]) =>
      draw.one([
        `${first}.${second}`,
        `${first}.${second}.`,
        `${first}..${third}`,
        `.${second}.${third}`,
        `${first}.${second}.${third}.`,
        `${first}.${second}.${third}.${third}`,
        `${first}.${second}.${third}.${third}.${third}`,
        `.${first}.${second}.${third}`,
        `${second}.${first}.${third}`,
        `${first}.${third}.${second}`,
        `${first}.${second}.${third},${first}.${second}.${third}`,
        `${first} ${second} ${third}`,
      ]);
  },
  serialised: (draft, draw) => {
    // RFC 7515, section 7.2: the forms that are no compact ones.
    draft.joined = ([first, payload, signature]) =>
      draw.one([
        JSON.stringify({ protected: first, payload, signature }),
        JSON.stringify({ payload, signatures: [{ protected: first, signature }] }),
        `${first}..${signature}.${payload}`,
        Buffer.from(`${first}.${payload}.${signature}`).toString('base64url'),
      ]);
  },
};
