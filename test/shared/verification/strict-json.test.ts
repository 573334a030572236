import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeUtf8,
  hasDuplicateMember,
  strictJsonObject,
} from '../../../shared/verification/strict-json.ts';
import { anyText } from '../../support/text.ts';
import { verdictOn } from '../../support/verdict.ts';

/** JSON as its grammar has it, before anybody decides what two equal names mean. */
type Node =
  | { readonly kind: 'plain'; readonly value: string | number | boolean | null }
  | { readonly kind: 'list'; readonly elements: readonly Node[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, value: Node])[] };

const name = fc.constantFrom(
  'a',
  'b',
  'A',
  '',
  'aa',
  '__proto__',
  'constructor',
  '"',
  '\\',
  '{',
  '}',
  ':',
  '"a":',
  'é',
  '😀',
  '\n',
);
const text = fc.oneof(name, fc.constantFrom('{"a":1,"a":2}', '"', '\\"', '[', 'a":'), anyText());
const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'json' },
    fc.record({
      kind: fc.constant('plain' as const),
      value: fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
    }),
    fc.record({
      kind: fc.constant('list' as const),
      elements: fc.array(tie('node'), { maxLength: 3, depthIdentifier: 'json' }),
    }),
    fc.record({
      kind: fc.constant('object' as const),
      members: fc.array(fc.tuple(name, tie('node')), { maxLength: 4, depthIdentifier: 'json' }),
    }),
  ),
}));

function repeats(node: Node): boolean {
  if (node.kind === 'plain') return false;
  if (node.kind === 'list') return node.elements.some(repeats);
  const names = node.members.map(([name]) => name);
  return new Set(names).size < names.length || node.members.some(([, value]) => repeats(value));
}

/** Writes a node down in one of the many ways there are: with escapes and white space as `dice` falls. */
function written(node: Node, dice: () => number): string {
  const space = () => ['', '', ' ', '\n', '\t\r '][dice() % 5] ?? '';
  const quoted = (value: string) =>
    `"${Array.from({ length: value.length }, (_, index) => {
      const escaped = `\\u${value.charCodeAt(index).toString(16).padStart(4, '0')}`;
      const plain = JSON.stringify(value.charAt(index)).slice(1, -1);
      return dice() % 3 === 0
        ? dice() % 2 === 0
          ? escaped
          : escaped.toUpperCase().replace('U', 'u')
        : plain;
    }).join('')}"`;
  const write = (one: Node): string => {
    if (one.kind === 'plain')
      return typeof one.value === 'string' ? quoted(one.value) : JSON.stringify(one.value);
    if (one.kind === 'list')
      return `[${space()}${one.elements.map(write).join(`${space()},${space()}`)}${space()}]`;
    const members = one.members.map(([name, value]) => `${quoted(name)}${space()}:${space()}${write(value)}`);
    return `{${space()}${members.join(`${space()},${space()}`)}${space()}}`;
  };
  return `${space()}${write(node)}${space()}`;
}

/** Falls as it likes, or always so that nothing is escaped or spaced: as JSON.stringify writes. */
const dice = fc.oneof(
  fc.infiniteStream(fc.nat(1000)).map((stream) => () => stream.next().value),
  fc.constant(() => 1),
);

test('a member is found to occur twice exactly where it does, however it is written', () => {
  let repeated = 0;
  fc.assert(
    fc.property(node, dice, (json, throwDice) => {
      if (repeats(json)) repeated++;
      expect(hasDuplicateMember(written(json, throwDice))).toBe(repeats(json));
    }),
    { numRuns: 3000 },
  );
  expect(repeated).toBeGreaterThan(100);
});

test('an object without repeated members is what JSON.parse makes of it, and no other text is one', async () => {
  await fc.assert(
    fc.asyncProperty(node, dice, async (json, throwDice) => {
      const source = written(json, throwDice);
      const expected =
        json.kind !== 'object' ? 'token-not-json' : repeats(json) ? 'token-duplicate-member' : 'accepted';
      expect(await verdictOn(() => strictJsonObject(Buffer.from(source)))).toBe(expected);
      if (expected === 'accepted') expect(strictJsonObject(Buffer.from(source))).toEqual(JSON.parse(source));
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ['once', '{"a":1,"b":[[0]]}', 'accepted'],
  ['twice', '{"a":1,"a":[[0]]}', 'token-duplicate-member'],
])('a member that occurs %s is found however deep the values are nested', async (_times, source, verdict) => {
  const deep = source.replace('[0]', '['.repeat(100_000) + ']'.repeat(100_000));
  expect(await verdictOn(() => strictJsonObject(Buffer.from(deep)))).toBe(verdict);
});

test('whatever the bytes, there is an object or a rejection', async () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.json().map((source) => Buffer.from(source)),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (source) => {
      expect(['accepted', 'token-not-json', 'token-duplicate-member']).toContain(
        await verdictOn(() => strictJsonObject(source)),
      );
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ['nothing', ''],
  ['null', 'null'],
  ['a list', '[]'],
  ['text', '"{}"'],
  ['a number', '1'],
  ['an object and more', '{}{}'],
  ['an object behind a byte order mark', '\uFEFF{}'],
  ['an object behind a space that is none of JSON', '\u00A0{}'],
  ['a comment', '{/**/}'],
  ['a comma too many', '{"a":1,}'],
  ['single quotes', "{'a':1}"],
])('%s is no JSON object', async (_what, source) => {
  expect(await verdictOn(() => strictJsonObject(Buffer.from(source)))).toBe('token-not-json');
});

test.each([
  ['a stray byte', [0x22, 0xff, 0x22]],
  ['an overlong spelling', [0x22, 0xc0, 0xa2, 0x22]],
  ['half a surrogate pair', [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ['a character that breaks off', [0x22, 0xe2, 0x82, 0x22]],
])('text with %s is not UTF-8', async (_what, bytes) => {
  const object = Buffer.concat([Buffer.from('{"a":'), Buffer.from(bytes), Buffer.from('}')]);
  expect(() => decodeUtf8(object)).toThrow(TypeError);
  expect(await verdictOn(() => strictJsonObject(object))).toBe('token-not-json');
});

test('equal names in different objects are no repetition', () => {
  expect(hasDuplicateMember('{"a":{"a":[{"a":1},{"a":2}]},"b":{"a":"a"}}')).toBe(false);
});

test('a member named __proto__ stays a member, and gives the object nothing', () => {
  const object = strictJsonObject(Buffer.from('{"__proto__":{"iss":"forged"}}'));
  expect(Object.keys(object)).toEqual(['__proto__']);
  expect(object['iss']).toBeUndefined();
});

test('depth and length cost no more than the text is long', () => {
  const depth = 100_000;
  expect(hasDuplicateMember(`${'['.repeat(depth)}${']'.repeat(depth)}`)).toBe(false);
  expect(hasDuplicateMember(`{"a":"${'\\"'.repeat(depth)}","b":"${'a'.repeat(depth)}"}`)).toBe(false);
});
