import { runCommand } from '../local/cli.ts';
import { printable } from '../local/printable.ts';
import { running } from '../local/running.ts';
import { systemClock } from '../shared/clock.ts';
import { readSettings } from '../shared/settings/settings.ts';
import { readEnvironment } from './doctor/sources.ts';
import { expectedOf, listed } from './send/catalog.ts';
import type { Sender } from './send/catalog.ts';
import { sendOptions, usage } from './send/options.ts';
import type { SendOptions } from './send/options.ts';
import { outcomes } from './send/outcomes.ts';
import { progress } from './send/progress.ts';
import { throughStart } from './send/through-start.ts';
import { withSecrets } from './send/with-secrets.ts';

// `npm run send`: sends genuine events and forgeries, signed by the fakes of a running `npm start` or with development
// secrets, and says what came of them.
await runCommand(usage, (args) => send(sendOptions(args)));

async function send(options: SendOptions): Promise<number> {
  if (options.caller !== undefined) {
    const { act } = await throughStart(pageOf(options));
    console.log(`caller: ${printable((await act(options.caller)).says, 1000)}`);
    return 0;
  }
  const sender = await senderOf(options);
  if (options.event === undefined && options.forge === undefined) {
    console.log(listed(sender.catalog));
    return 0;
  }
  const came = outcomes(expectedOf(sender.catalog, options));
  const shown = progress(options.count, process.stderr, systemClock);
  try {
    await sender.send(options, (result) => {
      came.add(result);
      shown.at(came.sent(), came.unexpected());
    });
  } finally {
    shown.end();
    if (came.sent() > 0) console.log(came.table());
  }
  const missing = options.count - came.sent();
  if (missing > 0) console.error(`${missing} of ${options.count} were not sent.`);
  return came.unexpected() + missing > 0 ? 1 : 0;
}

function pageOf({ from }: Pick<SendOptions, 'from'>): string {
  const { page } = running(undefined, from) ?? { page: `${from ?? 'http://127.0.0.1:7071'}/inspector/` };
  return page;
}

async function senderOf({ secret, settings, from }: SendOptions): Promise<Sender> {
  if (!secret) return throughStart(pageOf({ from }));
  const environment = readEnvironment(settings, process.env);
  // As an app on this machine has it: elsewhere no secret is taken from a setting.
  const development = { AZURE_FUNCTIONS_ENVIRONMENT: 'Development' };
  return withSecrets(readSettings({ ...development, ...environment }));
}
