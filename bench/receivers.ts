import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isRight } from '../tools/conformance/report.ts';
import { progress, publish } from './harness/report.ts';
import { details, summary, tables } from './receivers/matrix.ts';
import { playAll } from './receivers/play.ts';

// The requests of `npm run conformance`, sent to Ringward as deployed and to the receivers of bench/receivers/. Also writes the
// summary into docs/conformance.md.
//
//     npm run bench -- receivers
const page = path.resolve(import.meta.dirname, '..', 'docs', 'conformance.md');
const [BEGIN, END] = ['<!-- npm run bench -- receivers -->', '<!-- end -->'];

const played = await playAll(progress);
const wrong = played
  .filter(({ name }) => name === 'ringward')
  .flatMap(({ result }) => ('missing' in result ? [] : result.families.flatMap(({ cases }) => cases)))
  .filter((one) => !isRight(one)).length;

const text = await readFile(page, 'utf8');
const [before, rest] = text.split(BEGIN);
const after = rest?.split(END)[1];
if (before === undefined || after === undefined) throw new Error(`${page} lacks ${BEGIN} or ${END}`);
const date = new Date().toISOString().slice(0, 10);
await writeFile(page, `${before}${BEGIN}\n\n${date}.\n\n${summary(played)}\n\n${END}${after}`);

await publish({
  title: 'Receivers',
  about: `What Ringward as deployed and the receivers of [bench/receivers/](../receivers/README.md) answer to the requests of
\`npm run conformance\`. Each receiver is in the form that its documentation shows. A cell is the number of requests that are
answered as they should be; below the tables, each receiver has a list of the others. *Lenient* is a request that is not as
documented and that only the sender itself can make: who accepts it lets nobody in. A dash is not tested: the receiver has no such
check, or the tables before say why.`,
  tables: tables(played),
  limits: [{ what: 'requests that Ringward answers otherwise than it should', value: wrong, atMost: 0 }],
  details: details(played),
});
