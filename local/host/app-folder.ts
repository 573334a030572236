import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { HostError } from './host-error.ts';
import { decodeText } from './decode-text.ts';
import { parseJsonWithComments, placeIn } from './json-with-comments.ts';

export interface AppFolder {
  /** Absolute; where host.json and local.settings.json are looked for. */
  readonly folder: string;
  /** Absolute paths of what is loaded, in order. */
  readonly entries: readonly string[];
}

/**
 * Finds an app: a folder, whose package.json names the entry (or a pattern of entries) as `main`, or an entry file,
 * whose app folder is its own or the one above, whichever has the host.json.
 * @throws HostError that says what is missing and what to run.
 */
export function findApp(app: string): AppFolder {
  const path = resolve(app);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new HostError(`There is no app at ${path}. If it is a build's, run: npm run build`);
  if (stats.isDirectory()) return { folder: path, entries: findEntries(path) };
  const own = dirname(path);
  const folder = [own, dirname(own)].find((candidate) => existsSync(join(candidate, 'host.json'))) ?? own;
  return { folder, entries: [path] };
}

function findEntries(folder: string): string[] {
  const manifest = readJson(join(folder, 'package.json'));
  if (!manifest) throw new HostError(`${folder} has no package.json, so it does not say what to load.`);
  const { main } = manifest;
  if (typeof main !== 'string' || main === '') {
    throw new HostError(`package.json in ${folder} names no "main", so it does not say what to load.`);
  }
  const entries = globSync(main, { cwd: folder }).sort();
  if (entries.length === 0) {
    throw new HostError(
      `${join(folder, main)}, which package.json names as "main", is not there. Run: npm run build`,
    );
  }
  return entries.map((entry) => join(folder, entry));
}

/**
 * The route prefix that host.json sets, without slashes: `api` where it sets none, empty where it sets that.
 * @throws HostError for a host.json that cannot be read.
 */
export function routePrefix(folder: string): string {
  const http = field(field(readJson(join(folder, 'host.json')), 'extensions'), 'http');
  const prefix = field(http, 'routePrefix');
  return typeof prefix === 'string' ? prefix.replace(/^\/+|\/+$/g, '') : 'api';
}

/** The object in a JSON file, or undefined where there is no such file. */
export function readJson(path: string): Record<string, unknown> | undefined {
  if (!existsSync(path)) return undefined;
  let place = '';
  try {
    const value = parseJsonWithComments(decodeText(readFileSync(path)));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (fault) {
    // The parser's own message quotes the file, which may hold secrets. Its place quotes nothing.
    place = placeIn(fault);
  }
  throw new HostError(`${basename(path)} in ${dirname(path)} is not a JSON object${place}.`);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
