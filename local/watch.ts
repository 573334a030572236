import { readdirSync, watch } from 'node:fs';
import path from 'node:path';

/** How long a burst of changes is waited out, in milliseconds: editors write a file in several steps. */
const SETTLE = 100;

/**
 * Calls back with the name of the file, once per burst of changes in a folder and the folders that are in it now. Each
 * is watched by itself: the recursive watch of Linux follows files, and loses one that an editor puts a new one in the
 * place of.
 */
export function watchFolder(folder: string, onChange: (file: string) => void): { close(): void } {
  const inside = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name));
  let settling: NodeJS.Timeout | undefined;
  const watchers = [folder, ...inside].map((one) =>
    watch(one, (_event, file) => {
      if (!file?.endsWith('.ts')) return;
      clearTimeout(settling);
      settling = setTimeout(() => onChange(path.relative(folder, path.join(one, file))), SETTLE);
    }),
  );
  return {
    close() {
      clearTimeout(settling);
      for (const watcher of watchers) watcher.close();
    },
  };
}
