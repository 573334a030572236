import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { startFakes } from '../../support/fakes.ts';
import { rehearsalEnvironment } from '../../../local/fake-cloud.ts';
import { startAzurite } from '../../../local/fakes/azurite.ts';
import { trustFakes } from '../../../local/fakes/trust.ts';
import { listening } from '../../../local/fakes/listening.ts';
import type { Environment } from '../../../shared/settings/table.ts';
import { doctor } from '../../../tools/doctor/command.ts';
import { manualClock } from '../../clock.ts';
import { command, inProcess } from '../../support/command.ts';

/** Runs the doctor as `npm run doctor` does, and tells what it printed. */
export const doctorCommand = (args: readonly string[], environment: Environment, input = '') =>
  command('doctor.ts', args, input, environment);

/**
 * The same in this process, which finds and trusts the fakes. Time stands still, so that no deadline ends on a busy
 * machine.
 */
export const examined = (args: readonly string[], environment: Environment, input = '') =>
  inProcess(() =>
    doctor(args, environment, Readable.from([Buffer.from(input)]), manualClock(Date.now() / 1000)),
  );

/** What stands in the row of a check, its mend included; every row where several have the name. */
export function rowsOf(output: string, check: string): string[] {
  const rows = output.split(/\n(?=[✓!✗] )/);
  return rows.filter((row) => row.slice(2).startsWith(`${check} `)).map((row) => row.replaceAll(/\s+/g, ' '));
}

/** An app that answers as told to whoever asks how it is. */
export async function startApp() {
  let status = 200;
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/api/health' ? status : 404).end();
  });
  const { port, down } = await listening(server);
  return {
    url: `http://127.0.0.1:${port}`,
    answer: (next: number) => {
      status = next;
    },
    close: down,
  };
}

/** Everything that an app with all of its settings needs, and it is well. */
export async function startWorld() {
  const [cloud, azurite, app] = await Promise.all([startFakes(), startAzurite(), startApp()]);
  await trustFakes(cloud.azure.environment);
  return {
    cloud,
    azurite,
    app,
    environment: {
      ...rehearsalEnvironment(process.env, cloud, app.url),
      LEDGER: 'table',
      LEDGER_TABLE_URL: azurite.url,
    } as Environment,
    async close() {
      await Promise.all([azurite.close(), app.close()]);
      await cloud.close();
    },
  };
}

export type World = Awaited<ReturnType<typeof startWorld>>;
