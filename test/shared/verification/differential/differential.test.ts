import { beforeAll, expect, test } from 'vitest';
import { newSigningKey } from '../../../../local/fakes/token.ts';
import type { SigningKey } from '../../../../local/fakes/token.ts';
import { counted, extent, seed, tried } from '../../../harden/extent.ts';
import { KID, OTHER_KID, drawOf, genuine, putTogether } from './draft.ts';
import type { Mutation } from './draft.ts';
import { judgesOf } from './judges.ts';
import { claims } from './mutations/claims.ts';
import { header } from './mutations/header.ts';
import { json } from './mutations/json.ts';
import { signature } from './mutations/signature.ts';
import { spelling } from './mutations/spelling.ts';
import { STRICTER } from './stricter.ts';

// Compares Ringward with jose on tokens that are changed in one layer or several. Ringward accepts nothing that jose
// refuses, and refuses what jose alone accepts for a reason that we know and mean. Both verify signatures with the code of
// jose, so Node judges each signature as well.
const TOKENS = counted({ test: 1000, short: 30_000, long: 1_000_000 });
let keys: readonly [SigningKey, SigningKey];
beforeAll(async () => {
  keys = [await newSigningKey(KID), await newSigningKey(OTHER_KID)];
});

test(`no token is accepted that jose refuses (seed ${seed})`, async () => {
  const [key, other] = keys;
  const judges = await judgesOf(key, other);
  const families = { claims, header, json, spelling, signature: signature(key, other) };
  const laxer: string[] = [];
  const unlike: string[] = [];
  const misjudged: string[] = [];
  const reasons = new Map<string, number>();
  const counts = { both: 0, neither: 0, joseAlone: 0 };

  for (let number = 0; number < TOKENS; number++) {
    const draw = drawOf(seed, number);
    const draft = genuine(key);
    const applied: string[] = [];
    // Most with one change, so that nothing else decides; some with none.
    for (let changes = draw.one([0, 1, 1, 1, 1, 1, 1, 2, 2, 3]); changes > 0; changes--) {
      const [family, mutations] = draw.one(Object.entries<Readonly<Record<string, Mutation>>>(families));
      const [name, mutate] = draw.one(Object.entries(mutations));
      applied.push(`${family}.${name}`);
      mutate(draft, draw);
    }
    const token = putTogether(draft);
    const ours = await judges.ringward(token);
    const verified = 'accepted' in ours;
    const theirs = await (verified ? judges.joseOnPlainTimes(token) : judges.jose(token));
    const what = `${number}: ${applied.join(', ')}: ${token}`;
    if ((verified || ours.refused === 'token-signature') && judges.node(token) !== verified)
      misjudged.push(what);
    if (verified) {
      if (!('accepted' in theirs)) laxer.push(`${what}: ${theirs.refused}`);
      else {
        counts.both++;
        // They read the same out of it, too.
        const { iss, exp } = theirs.accepted;
        const read = [ours.accepted.sender, ours.accepted.token?.expires];
        if (read[0] !== iss || read[1] !== exp) unlike.push(what);
      }
    } else if ('accepted' in theirs) {
      counts.joseAlone++;
      reasons.set(ours.refused, (reasons.get(ours.refused) ?? 0) + 1);
    } else counts.neither++;
    if (TOKENS > 100_000 && number % 100_000 === 0) console.log(`${number} of ${TOKENS}`);
  }

  const unexplained = [...reasons.keys()].filter((reason) => !Object.hasOwn(STRICTER, reason));
  tried({ what: 'mutated tokens: accepted by Ringward alone', times: TOKENS, found: laxer });
  tried({ what: 'mutated tokens: read in two ways', times: counts.both, found: unlike });
  tried({ what: 'mutated tokens: signature judged otherwise by Node', times: TOKENS, found: misjudged });
  tried({ what: 'mutated tokens: refused by both', times: counts.neither, found: [] });
  for (const [reason, times] of [...reasons].sort())
    tried({ what: `mutated tokens: accepted by jose alone, ${reason}`, times, found: [] });
  expect({ laxer, unlike, misjudged, unexplained }).toEqual({
    laxer: [],
    unlike: [],
    misjudged: [],
    unexplained: [],
  });
  expect(counts.both).toBeGreaterThan(TOKENS / 10);
  expect(counts.neither).toBeGreaterThan(TOKENS / 10);
  // Each explanation is of something that happens.
  if (extent !== 'test') expect([...reasons.keys()].sort()).toEqual(Object.keys(STRICTER).sort());
});
