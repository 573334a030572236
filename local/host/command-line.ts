import { parseArgs } from 'node:util';
import { HostError } from './host-error.ts';

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

const usage =
  "Usage: --app <folder|file> [--port 7071] [--address 127.0.0.1] [--expect 'POST /api/name']... " +
  '[--settings <file> | --no-settings] [--grace <seconds>]';

/** @throws HostError with the usage. */
export function readCommandLine(args: string[]): CommandLine {
  const { app, port, address, expect, settings, grace, ...flags } = parse(args);
  if (!app) throw new HostError(`--app is missing. ${usage}`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new HostError(`"${port}" is no port. ${usage}`);
  if (!/^\d+(\.\d+)?$/.test(grace)) throw new HostError(`"${grace}" is no number of seconds. ${usage}`);
  return {
    app,
    port: Number(port),
    address,
    expect,
    settings: settings ?? (flags['no-settings'] ? false : undefined),
    grace: Number(grace) * 1000,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        app: { type: 'string' },
        port: { type: 'string', default: '7071' },
        address: { type: 'string', default: '127.0.0.1' },
        expect: { type: 'string', multiple: true, default: [] },
        settings: { type: 'string' },
        'no-settings': { type: 'boolean', default: false },
        grace: { type: 'string', default: '5' },
      },
    }).values;
  } catch (error) {
    throw new HostError(`${error instanceof Error ? error.message : String(error)} ${usage}`);
  }
}
