import { beforeAll, expect, test } from 'vitest';
import { newSigningKey } from '../../../../local/fakes/token.ts';
import type { SigningKey } from '../../../../local/fakes/token.ts';
import { KID, OTHER_KID, genuine, putTogether } from '../differential/draft.ts';
import { judgesOf } from '../differential/judges.ts';
import { algorithms } from './algorithms.ts';
import { extensions } from './extensions.ts';
import { oddJson } from './json.ts';
import { keyConfusion } from './keys.ts';
import { spellings } from './spellings.ts';

// Whole tokens in the families of the examples of RFC 7515 (appendix A), RFC 7520 (section 4) and RFC 7797, all made here.
// Each differs from the genuine one in one thing, and beside it stands what it should give and why.
let key: SigningKey;
let other: SigningKey;
let judges: Awaited<ReturnType<typeof judgesOf>>;
beforeAll(async () => {
  [key, other] = [await newSigningKey(KID), await newSigningKey(OTHER_KID)];
  judges = await judgesOf(key, other);
});

const families = { algorithms, keyConfusion, extensions, spellings, oddJson };
const vectors = Object.entries(families).flatMap(([family, rows]) =>
  rows.map(([what, expected, why, change]) => ({ family, what, expected, why, change })),
);

test.each(vectors)('$family: a token with $what: $expected, since $why', async ({ expected, change }) => {
  const genuineToken = putTogether(genuine(key));
  const draft = genuine(key);
  change(draft, key);
  const token = putTogether(draft);
  const ours = await judges.ringward(token);
  expect('accepted' in ours ? 'accepted' : ours.refused).toBe(expected);
  // Each is another token than the genuine one, which gets in, and none gets in that jose refuses.
  expect(await judges.ringward(genuineToken)).toHaveProperty('accepted');
  if (change !== algorithms[0]?.[3]) expect(token).not.toBe(genuineToken);
  if (expected === 'accepted') expect(await judges.jose(token)).toHaveProperty('accepted');
});
