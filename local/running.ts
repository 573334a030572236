import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { settingsTable } from '../shared/settings/settings.ts';
import type { Environment } from '../shared/settings/table.ts';

/** What a running `npm start` announces to the other commands of this clone. */
export type Running = {
  /** Where it listens, such as `http://127.0.0.1:7071`. */
  readonly url: string;
  /** The address of its inspector, with the token. */
  readonly page: string;
  /** The settings of its app, and what a process needs to find, trust and sign in to its fake services. */
  readonly environment: Environment;
};

/** Beside the sources, and ignored by git. */
const folder = path.resolve(import.meta.dirname, '..', '.running');

/** Announced besides the settings. */
const ACCESS = ['IDENTITY_HEADER', 'NODE_EXTRA_CA_CERTS', 'HTTPS_PROXY', 'NO_PROXY'];

type Announced = Running & { readonly pid: number; readonly at: number };

/**
 * Announces this process to the other commands of this clone, in a file that only its owner can read.
 *
 * @returns withdraws the announcement; to be called when this process ends
 */
export function announce({ url, page, environment }: Running, where = folder): () => void {
  const announcedSettings = Object.entries(environment).filter(
    ([name]) => Object.hasOwn(settingsTable, name) || name.startsWith('SECRET_') || ACCESS.includes(name),
  );
  const announced: Announced = {
    pid: process.pid,
    at: Date.now(),
    url,
    page,
    environment: Object.fromEntries(announcedSettings),
  };
  mkdirSync(where, { recursive: true, mode: 0o700 });
  // Removes the files of processes that crashed, perhaps under the id of this process.
  for (const file of readdirSync(where)) {
    const left = readAnnounced(where, file);
    if (left && (left.pid === process.pid || !isAlive(left.pid)))
      rmSync(path.join(where, file), { force: true });
  }
  const file = path.join(where, `${process.pid}.json`);
  // A new file, so that it cannot inherit the mode of an old one.
  writeFileSync(file, JSON.stringify(announced), { mode: 0o600, flag: 'wx' });
  return () => rmSync(file, { force: true });
}

/**
 * The latest `npm start` that runs in this clone; undefined where none does.
 *
 * @param url that it must listen on
 */
export function running(where = folder, url?: string): Running | undefined {
  const [last] = filesIn(where)
    .flatMap((file) => readAnnounced(where, file) ?? [])
    .filter((one) => isAlive(one.pid) && (url === undefined || one.url === url))
    .sort((one, other) => other.at - one.at);
  return last && { url: last.url, page: last.page, environment: last.environment };
}

function filesIn(where: string): readonly string[] {
  try {
    return readdirSync(where);
  } catch {
    return [];
  }
}

/** Undefined where the file is missing or still being written. */
function readAnnounced(where: string, file: string): Announced | undefined {
  try {
    return JSON.parse(readFileSync(path.join(where, file), 'utf8')) as Announced;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
