import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { transform } from 'esbuild';

/** A file of the page, as it is served. */
export type PageFile = { readonly type: string; readonly content: string | Buffer };

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ts': 'text/javascript; charset=utf-8',
};

/**
 * Every file of the page by the path that it is served under, read once: no path of a request reaches the file system.
 * TypeScript is stripped of its types, and nothing is bundled.
 */
export async function pageFiles(
  folder = path.join(import.meta.dirname, 'page'),
): Promise<ReadonlyMap<string, PageFile>> {
  const names = (await readdir(folder)).filter((name) => Object.hasOwn(TYPES, path.extname(name)));
  const files = await Promise.all(
    names.map(async (name) => {
      const content = await readFile(path.join(folder, name));
      const type = TYPES[path.extname(name)] ?? '';
      const served = path.extname(name) === '.ts' ? await stripped(content.toString()) : content;
      return [`/page/${name}`, { type, content: served }] as const;
    }),
  );
  const map = new Map<string, PageFile>(files);
  const index = map.get('/page/index.html');
  if (index) map.set('/', index);
  return map;
}

async function stripped(source: string): Promise<string> {
  const { code } = await transform(source, { loader: 'ts', target: 'es2024' });
  return code;
}
