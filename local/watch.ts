import { watch } from 'node:fs';

/** How long a burst of changes is waited out, in milliseconds: editors write a file in several steps. */
const SETTLE = 100;

/** Calls back with the name of the file, once per burst of changes in a folder. */
export function watchFolder(folder: string, onChange: (file: string) => void): { close(): void } {
  let settling: NodeJS.Timeout | undefined;
  const watcher = watch(folder, { recursive: true }, (_event, file) => {
    if (!file?.endsWith('.ts')) return;
    clearTimeout(settling);
    settling = setTimeout(() => onChange(file), SETTLE);
  });
  return {
    close() {
      clearTimeout(settling);
      watcher.close();
    },
  };
}
