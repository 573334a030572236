import { misused, noOthers, parseOptions, portOf } from '../cli.ts';

export interface CommandLine {
  readonly app: string;
  readonly port: number;
  readonly address: string;
  readonly expect: readonly string[];
  /** A file, undefined for the app's own local.settings.json, or false for none. */
  readonly settings: string | false | undefined;
  /** Milliseconds. */
  readonly grace: number;
}

const usage = `node local/host/main.ts --app <folder|file>
  --port <number>      7071 by default
  --address <address>  127.0.0.1 by default
  --expect <route>     a route that the app must register, such as 'POST /api/name'; once for each
  --settings <file>    instead of the app's own local.settings.json
  --no-settings        no such file
  --grace <seconds>    how long requests may go on when it stops (5)`;

const options = {
  app: { type: 'string' },
  port: { type: 'string', default: '7071' },
  address: { type: 'string', default: '127.0.0.1' },
  expect: { type: 'string', multiple: true },
  settings: { type: 'string' },
  'no-settings': { type: 'boolean', default: false },
  grace: { type: 'string', default: '5' },
} as const;

/** @throws UsageError */
export const readCommandLine = (args: readonly string[]): CommandLine =>
  parseOptions(args, { options, usage }, (values, others) => {
    const { app, port, address, expect = [], settings, grace } = values;
    noOthers(others);
    if (!app) misused('--app is missing.');
    if (!/^\d+(\.\d+)?$/.test(grace)) misused(`--grace must be a number of seconds, not "${grace}".`);
    return {
      app,
      port: portOf(port),
      address,
      expect,
      settings: settings ?? (values['no-settings'] ? false : undefined),
      grace: Number(grace) * 1000,
    };
  });
