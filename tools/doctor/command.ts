import { createReadStream } from 'node:fs';
import { misused } from '../../local/cli.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Environment } from '../../shared/settings/table.ts';
import { examine } from './examine.ts';
import { adviceOn } from './observe/advice.ts';
import { observed } from './observe/tally.ts';
import { doctorOptions } from './options.ts';
import { report } from './report.ts';
import { readEnvironment } from './sources.ts';

/** What `npm run doctor` prints, and its exit code. @throws UsageError */
export async function doctor(
  args: readonly string[],
  own: Environment,
  input: NodeJS.ReadableStream,
  clock: Clock,
): Promise<{ text: string; code: number }> {
  const { settings, observe } = doctorOptions(args);
  const environment = readEnvironment(settings, own);
  if (observe === undefined) {
    const { text, isWell } = report(await examine(environment, clock), environment);
    return { text, code: isWell ? 0 : 1 };
  }
  const tally = await observed(observe === '-' ? input : createReadStream(observe)).catch(
    (fault: NodeJS.ErrnoException) => misused(`${observe} cannot be read (${fault.code})`),
  );
  return { text: adviceOn(tally, environment), code: tally.deliveries > 0 ? 0 : 1 };
}
