import path from 'node:path';
import type { Metafile } from 'esbuild';

/** Whose code is in a bundle, and how much of it, in bytes. */
export type Content = { readonly of: string; readonly bytes: number };

/** What takes the space in a bundle: each package, and our own code by its folder; the largest first. */
export function contentsOf({ outputs }: Metafile): readonly Content[] {
  const sizes = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const of = packageOf(file) ?? folderOf(file);
      sizes.set(of, (sizes.get(of) ?? 0) + bytesInOutput);
    }
  }
  return [...sizes]
    .map(([of, bytes]) => ({ of, bytes }))
    .filter(({ bytes }) => bytes > 0)
    .sort((one, other) => other.bytes - one.bytes);
}

const packageOf = (file: string) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];

/** esbuild names files from the working directory, which may be another than the project's. */
const folderOf = (file: string) =>
  `${/(?:^|\/)(functions|handlers|media|shared)\//.exec(file)?.[1] ?? path.dirname(file)}/`;

/** What takes less than this is not worth a line of its own, in bytes. */
const WORTH_A_LINE = 8 * 1024;

/** The staged files as a table, and below each bundle whose code it is. */
export function contentsTable(
  files: readonly { readonly name: string; readonly bytes: number; readonly contents: readonly Content[] }[],
): string {
  const line = (name: string, bytes: number) =>
    `${name.padEnd(44)}${(bytes / 1024).toFixed(1).padStart(8)} KiB`;
  const lines = files.flatMap(({ name, bytes, contents }) => {
    const large = contents.filter((content) => content.bytes >= WORTH_A_LINE);
    const rest = contents.slice(large.length);
    const others = rest.reduce((sum, content) => sum + content.bytes, 0);
    return [
      line(`  ${name}`, bytes),
      ...large.map((content) => line(`    ${content.of}`, content.bytes)),
      ...(rest.length > 0 ? [line(`    ${rest.length} others`, others)] : []),
    ];
  });
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return [...lines, line('  in all', total)].join('\n');
}
