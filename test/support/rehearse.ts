import path from 'node:path';
import { startRehearsal } from '../../local/rehearsal.ts';
import type { Rehearsal } from '../../local/rehearsal.ts';
import type { Environment } from '../../shared/settings/table.ts';
import { projectWith } from './project.ts';

/** What `npm start` starts, with the handlers of the tests, in this process: so every secret of the fakes is known here. */
export async function rehearse(
  own: Environment = process.env,
  handlers?: readonly string[],
): Promise<Rehearsal> {
  const folder = await projectWith(handlers);
  const rehearsal = await startRehearsal({
    app: path.join(folder, 'functions', 'main.ts'),
    media: path.join(folder, 'media', 'main.ts'),
    port: 0,
    own,
  });
  if (!(await rehearsal.healthy())) throw new Error('The app has no keys, secrets or ledger.');
  return rehearsal;
}
