import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import type { Target } from './target.ts';

/** The attacks of slowhttptest (Debian has it as a package): slow headers, slow bodies, overlapping ranges, slow reading. */
export const ATTACKS = {
  'slow headers': '-H',
  'slow bodies': '-B',
  ranges: '-R',
  'slow reading': '-X',
} as const;

export async function isInstalled(): Promise<boolean> {
  const child = spawn('slowhttptest', ['-h'], { stdio: 'ignore' });
  return Promise.race([once(child, 'exit').then(() => true), once(child, 'error').then(() => false)]);
}

/**
 * Lets it attack for so many seconds with so many connections.
 *
 * @returns what it says at the end
 * @throws Error where it did not attack
 */
export async function attack(
  { url }: Target,
  flag: string,
  connections: number,
  seconds: number,
): Promise<string> {
  const rate = Math.ceil(connections / 4);
  const args = [flag, '-u', url, '-c', connections, '-r', rate, '-l', seconds, '-i', 2, '-p', 5, '-x', 24];
  const child = spawn('slowhttptest', args.map(String), { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child, 'close');
  const end = /Exit status:\s*(.*)/.exec(stripVTControlCharacters(said))?.[1];
  if (end === undefined) throw new Error(`slowhttptest ${flag} did not attack`);
  return end;
}
