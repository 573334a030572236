import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture, type HostProcess, startHost } from './child.ts';
import { type Recorded, type RecordedAnswer, replay } from './recorded.ts';

// 207 requests and the answers of the Functions host 4.1037 (Kestrel 8, Node worker 3.9.1, @azure/functions 4.16.5, no
// front end), which served fixtures/echo with this limit, recorded on 2026-11-28. docs/local-host.md says more.
const recorded: Recorded[] = readFileSync(new URL('./recorded.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const BODY_LIMIT_BYTES = '2097152';

/** The cases that the local host answers otherwise, and why. */
const knownDifferences: Readonly<Record<string, string>> = {
  'path root': 'the page is short, not 150 KB',
  'path admin': 'all of /admin/ but the ping is a 401, the host has a 404 for a wrong method of its own',
  'path admin vfs': 'the 401 has WWW-Authenticate, the file system of the host has none',
  'header bad name': "a 500 as well, but Node's parser cannot go on, so the connection is closed",
  'header obs fold': "Node's parser joins the lines; no front end passes them on",
  'header h2c': 'HTTP2-Settings stays in Connection; no front end passes it on',
  'body chunked over limit': 'the connection stays open',
  'method CONNECT on POST route': "Node's HTTP server closes the connection",
  'method post on POST route': "Node's parser knows methods in capitals only",
  'two spaces': "Node's parser takes them for one",
  'h2 preface': "Node's parser answers 400",
};

let host: HostProcess;
beforeAll(async () => {
  host = await startHost(['--app', fixture('echo/index.cjs')], {
    FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: BODY_LIMIT_BYTES,
  });
});
afterAll(() => host.stop());

describe('as the recorded Functions host did, the local host answers', () => {
  it.concurrent.each(recorded.filter(({ name }) => !(name in knownDifferences)))('$name', async (one) => {
    expect(comparable(await replay(host.url, one), one)).toEqual(comparable(one, one));
  });
});

describe('otherwise than the recorded Functions host, the local host answers', () => {
  it.concurrent.each(Object.entries(knownDifferences))('%s: %s', async (name) => {
    const one = recorded.find((entry) => entry.name === name);
    if (!one) throw new Error(`Nothing recorded is named "${name}".`);
    expect(comparable(await replay(host.url, one), one)).not.toEqual(comparable(one, one));
  });
});

/** Of what a function saw, only what was recorded, without the hop that the local host appends as a front end would. */
function comparable({ real, ended }: Pick<Recorded, 'real' | 'ended'>, recording: Recorded) {
  const answers = real.map((answer, at) => ({
    ...answer,
    ...(answer.seen && { seen: comparableSeen(answer.seen, recording.real[at]) }),
  }));
  return { answers, ended };
}

function comparableSeen(seen: NonNullable<RecordedAnswer['seen']>, recording: RecordedAnswer | undefined) {
  const { long: _, ...kept } = recording?.seen ?? {};
  return Object.fromEntries(
    Object.keys(kept).map((key) => [key, key === 'headers' ? withoutOwnHop(seen[key]) : seen[key]]),
  );
}

function withoutOwnHop(headers: unknown): unknown {
  return (headers as [string, string][]).flatMap(([name, value]) => {
    if (name !== 'x-forwarded-for') return [[name, value]];
    const claimed = value.replace(/(^|, )127\.0\.0\.1:\d+$/, '');
    return claimed === '' ? [] : [[name, claimed]];
  });
}
