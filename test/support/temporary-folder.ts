import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const folders: string[] = [];

/** A new folder that no node_modules lies beside or above. It is removed at the end of the test file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ringward-test-'));
  folders.push(folder);
  return folder;
}

/** Removes every temporary folder that this process made. */
export async function removeTemporaryFolders(): Promise<void> {
  const all = folders.splice(0);
  // A process that has just ended may leave a file that is still being written.
  await Promise.all(all.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 5 })));
}
