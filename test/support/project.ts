import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

const root = path.resolve(import.meta.dirname, '..', '..');

/** What is deployed, beside the handlers. */
const DEPLOYED = ['functions', 'media', 'host.json', 'package.json'];

/** Handlers of the tests: those of the checkout are the user's, and may do anything. */
export const testHandlers = {
  /** Answer a call, play a greeting and hang up. */
  greeting: folderOf('greeting'),
  /** Listen for tones. */
  menu: folderOf('menu'),
  /** A menu of digits, a choice and a transfer. */
  branches: folderOf('branches'),
  /** Redirect every call. */
  redirect: folderOf('redirect'),
  /** Handle every event of every sender. */
  everySender: folderOf('every-sender'),
  /** Hang up twice, of which the service refuses the second. */
  refused: folderOf('refused'),
  /** Throw at every event. */
  throws: folderOf('throws'),
  /** Log settings of their own. */
  settings: folderOf('settings'),
};

/**
 * Copies what is deployed to a temporary folder, with other handlers. It runs there as it does in the checkout.
 *
 * @param handlers folders of handlers; a file of a later one replaces that of an earlier one
 * @param more what else to copy, such as `local`
 * @returns the folder, with `functions/main.ts` and `media/main.ts`
 */
export async function projectWith(
  handlers: readonly string[] = [testHandlers.greeting],
  more: readonly string[] = [],
): Promise<string> {
  const project = await temporaryFolder();
  for (const part of [...DEPLOYED, ...more]) {
    await cp(path.join(root, part), path.join(project, part), { recursive: true });
  }
  // No file of these imports handlers/. Node finds what it compiled of them before.
  for (const linked of ['shared', 'node_modules']) {
    await symlink(path.join(root, linked), path.join(project, linked), 'junction');
  }
  await mkdir(path.join(project, 'handlers'));
  for (const folder of handlers) {
    for (const file of await readdir(folder)) {
      const code = await readFile(path.join(folder, file), 'utf8');
      // In handlers/, shared/ is one folder up.
      const moved = code.replaceAll(/'(?:\.\.\/)+shared\//g, "'../shared/");
      await writeFile(path.join(project, 'handlers', file), moved);
    }
  }
  await addMissingHandlers(project);
  return project;
}

/** The app imports the handlers of every sender. Those that no folder has handle nothing. */
async function addMissingHandlers(project: string): Promise<void> {
  const app = await readFile(path.join(project, 'functions', 'app.ts'), 'utf8');
  const present = new Set(await readdir(path.join(project, 'handlers')));
  for (const [, name = '', file = ''] of app.matchAll(/import \{ (\w+) \} from '\.\.\/handlers\/(\S+)'/g)) {
    if (!present.has(file))
      await writeFile(path.join(project, 'handlers', file), `export const ${name} = {};\n`);
  }
}

function folderOf(name: string): string {
  return path.join(import.meta.dirname, 'handlers', name);
}
