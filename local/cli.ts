import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { printableLines } from './printable.ts';

// What every command of the project does in the same way: options, --help, messages and exit codes.

/** The command cannot do its work. The message says why and what to do, so it is shown without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** The command line, or a file that it names, cannot be used. The message says what to do, and quotes no secret. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError */
export function misused(message: string): never {
  throw new UsageError(message);
}

/** A command that does its work ends with 0, 1 or 2, which its usage explains. 64 and 70 are those of sysexits.h. */
const BROKEN = 70;
const CODES: Readonly<Record<string, number>> = {
  CommandError: 1,
  HostError: 1,
  SettingsError: 64,
  UsageError: 64,
};

/** Whether the message of an error says what to do, so that it is shown without a stack. */
export const isExpected = (fault: Error): boolean => Object.hasOwn(CODES, fault.name);

type Values<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Options; allowPositionals: true }>
>['values'];

/**
 * Parses the options of a command, all of which begin with two dashes.
 *
 * @param read makes of them what the command works with
 * @throws UsageError with what is wrong and the usage
 */
export function parseOptions<const Options extends ParseArgsOptionsConfig, Result>(
  args: readonly string[],
  { options, usage }: { options: Options; usage: string },
  read: (values: Values<Options>, others: readonly string[]) => Result,
): Result {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return read(values, positionals);
  } catch (fault) {
    const message = whatIsWrong(fault as Error, Object.keys(options));
    throw new UsageError(`${message}\n\n${usage}`, { cause: fault });
  }
}

/** For a command that takes no arguments but its options. They are not quoted: one may be a secret. */
export function noOthers(others: readonly string[]): void {
  if (others.length > 0) misused('Only options that begin with -- are understood.');
}

/** @throws UsageError */
export function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) misused(`--port must be a number from 0 to 65535, not "${text}".`);
  return port;
}

/** The parser's own words go on about arguments that begin with a dash, of which there are none here. */
function whatIsWrong({ message }: Error, names: readonly string[]): string {
  const [, unknown] = /^Unknown option '([^']*)'/.exec(message) ?? [];
  if (!unknown) return message;
  const known = new Intl.ListFormat('en-GB').format([...names.map((name) => `--${name}`), '--help']);
  return `There is no option ${unknown}. There is ${known}.`;
}

/**
 * Runs a command with the arguments of this process. `--help` prints its usage instead.
 *
 * @param run returns the exit code; without one the process stays up
 */
export async function runCommand(
  usage: string,
  run: (args: readonly string[]) => Promise<number | void>,
): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) return console.log(usage);
  try {
    const code = await run(args);
    if (code !== undefined) leave(code);
  } catch (fault) {
    const { message, code } = endingOf(fault);
    console.error(message);
    leave(code);
  }
}

/** What a command prints that ends with this error, without anything that a terminal obeys, and its exit code. */
export function endingOf(fault: unknown): { message: string; code: number } {
  const { message, code } = explanationOf(fault);
  return { message: printableLines(message, 1000), code };
}

function explanationOf(fault: unknown): { message: string; code: number } {
  const { name, message, code = '', stack = '' } = fault as Error & { readonly code?: string };
  const known = CODES[name];
  if (known !== undefined) return { message, code: known };
  // A message may quote what the command was given, such as a token. The places in the code cannot.
  const places = stack.split('\n').filter((line) => /^ +at /.test(line));
  return { message: [`This failed, please report it: ${name} ${code}`, ...places].join('\n'), code: BROKEN };
}

/** Connections that a service keeps open must not keep the process. What was printed goes out first. */
function leave(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.exit());
}
