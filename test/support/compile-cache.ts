import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Vitest runs this before the first test file. Gives the processes that tests start one compile cache for the run:
 * otherwise each of them strips the types of the same few hundred files, which is most of its start.
 */
export default async function compileCache(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ringward-compile-cache-'));
  process.env['NODE_COMPILE_CACHE'] = folder;
  return () => rm(folder, { recursive: true, maxRetries: 5 });
}
