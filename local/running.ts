import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { settingsTable } from '../shared/settings.ts';
import type { Environment } from '../shared/settings.ts';

/** What a running `npm start` tells the other commands of this clone. */
export type Running = {
  /** Where it listens, such as `http://127.0.0.1:7071`. */
  readonly url: string;
  /** The settings of the app that it serves, and what it takes to find, trust and sign in to its stand-ins. */
  readonly environment: Environment;
};

/** Beside the sources, and none of git's business. */
const folder = path.resolve(import.meta.dirname, '..', '.running');

/** What is told besides the settings themselves. */
const ACCESS = ['IDENTITY_HEADER', 'NODE_EXTRA_CA_CERTS', 'HTTPS_PROXY', 'NO_PROXY'];

/**
 * Tells the other commands of this clone about this process, in a file that its owner alone can read: the last one that
 * started is the one that is found.
 *
 * @returns what takes it back, to be called when this process ends
 */
export function announce({ url, environment }: Running, where = folder): () => void {
  const told = Object.entries(environment).filter(
    ([name]) => Object.hasOwn(settingsTable, name) || name.startsWith('SECRET_') || ACCESS.includes(name),
  );
  const content = JSON.stringify({ pid: process.pid, url, environment: Object.fromEntries(told) });
  mkdirSync(where, { recursive: true, mode: 0o700 });
  const [file, made] = [fileIn(where), path.join(where, randomUUID())];
  // Moved into place, so that nobody reads half of it, and nothing that lay there before lends it its mode.
  writeFileSync(made, content, { mode: 0o600, flag: 'wx' });
  renameSync(made, file);
  return () => {
    if (readIn(where)?.pid === process.pid) rmSync(file, { force: true });
  };
}

/** The `npm start` that runs in this clone; undefined where none does, or the last one ended without saying so. */
export function running(where = folder): Running | undefined {
  const found = readIn(where);
  return found && isAlive(found.pid) ? { url: found.url, environment: found.environment } : undefined;
}

const fileIn = (where: string) => path.join(where, 'npm-start.json');

function readIn(where: string): (Running & { readonly pid: number }) | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(where), 'utf8')) as Running & { readonly pid: number };
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
