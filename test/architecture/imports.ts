import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type Reference, references } from './references.ts';

/** A room is a top folder: what it may import besides itself, packages and Node. */
const rooms: Record<string, 'anything' | readonly string[]> = {
  functions: ['handlers', 'shared'],
  media: ['handlers', 'shared'],
  handlers: [], // and the types of shared/events: see `mayImport`
  shared: [],
  infra: [],
  local: 'anything',
  tools: 'anything',
  test: 'anything',
  bench: 'anything',
};

const NOT_OURS = new Set(['node_modules', 'dist', 'coverage']);
const CODE = /\.[cm]?[jt]sx?$/;
const CONFIG = /^[^/]+\.config\.ts$/;

export type ImportCheck = {
  /** Files read, in all and by room. */
  files: number;
  filesOf: Record<string, number>;
  /** One line each: file, line, what and why. */
  violations: string[];
};

/** Holds every import below `root` against the rooms. Throws only when a file cannot be read. */
export function checkImports(root: string): ImportCheck {
  const check: ImportCheck = { files: 0, filesOf: {}, violations: [] };
  for (const { path, isLink } of codeBelow(root, '')) {
    if (isLink) {
      check.violations.push(`${path} is a link, so what it holds is not in its room`);
      continue;
    }
    const room = path.split('/')[0]!;
    check.files += 1;
    check.filesOf[room] = (check.filesOf[room] ?? 0) + 1;
    check.violations.push(...violationsIn(path, readFileSync(join(root, path), 'utf8')));
  }
  return check;
}

/** @param path from the project's root, with `/` */
export function violationsIn(path: string, source: string): string[] {
  const room = path.split('/')[0]!;
  if (!CONFIG.test(path) && (!path.includes('/') || !isRoom(room))) return [`${path} is in no known room`];
  if (rooms[room] === 'anything') return [];
  return references(source).flatMap((reference) => {
    const why = fault(path, room, reference);
    return why === undefined ? [] : [`${path}:${reference.line} ${why}`];
  });
}

function fault(path: string, room: string, { form, specifier }: Reference): string | undefined {
  if (form === 'unreadable') return `cannot be read with certainty: ${specifier}`;
  if (form === 'computed') return 'names a module only at run time, where it cannot be checked';
  if (form === 'text') {
    const target = /^\.\.?(?:\/|$)/.test(specifier) ? resolved(path, specifier) : undefined;
    const other = target?.split('/')[0] ?? '';
    return isRoom(other) && !mayImport(room, other) ? `points at ${specifier}: ${rule(room)}` : undefined;
  }
  if (!/^(?:\.|\/|#|[a-z]{2,}:)/i.test(specifier) || specifier.startsWith('node:')) return undefined; // a package
  const target = resolved(path, specifier);
  if (target === undefined) return `imports ${specifier}, which cannot be followed`;
  const other = target.split('/')[0]!;
  if (mayImport(room, other) && !target.includes('node_modules')) return undefined;
  if (room === 'handlers' && form === 'type' && /^shared\/events(?:\/|\.ts$)/.test(target)) return undefined;
  // Data, and a dead end.
  if (room !== 'handlers' && /^[^/]+\.json$/.test(target)) return undefined;
  return `imports ${specifier}: ${rule(room)}`;
}

const isRoom = (name: string) => Object.hasOwn(rooms, name);

const mayImport = (room: string, other: string) => other === room || (rooms[room] ?? []).includes(other);

function rule(room: string): string {
  if (room === 'handlers') return 'handlers may import only types, and only of shared/events';
  const allowed = [...(rooms[room] ?? []), ...(isRoom(room) ? [room] : [])];
  return `${room} may import ${allowed.length > 0 ? `only ${allowed.join(', ')}` : 'no room'}`;
}

/** Undefined where a relative path leads out of the project, or the specifier is no relative path. */
function resolved(path: string, specifier: string): string | undefined {
  if (!/^\.\.?(?:\/|$)/.test(specifier)) return undefined;
  try {
    const target = posix.join(posix.dirname(path), decodeURIComponent(specifier.replace(/[?#].*$/s, '')));
    return target.startsWith('..') ? undefined : target;
  } catch {
    return undefined;
  }
}

function* codeBelow(root: string, folder: string): Generator<{ path: string; isLink: boolean }> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    const atTop = folder === '';
    if (entry.name === 'node_modules' || (atTop && (NOT_OURS.has(entry.name) || entry.name.startsWith('.'))))
      continue;
    const isLink = entry.isSymbolicLink();
    if (entry.isDirectory()) yield* codeBelow(root, path);
    else if (CODE.test(entry.name) || (isLink && isRoom(path.split('/')[0]!))) yield { path, isLink };
  }
}
