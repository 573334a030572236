import { NotReplayable } from './stored-delivery.ts';
import type { StoredDelivery } from './stored-delivery.ts';

/** The longest body that is an argument. Linux takes 128 KiB. */
const MAX_ARGUMENT_BYTES = 100_000;

/** Headers that curl writes itself, of the connection or of the length of the body. */
const OWN = /^(connection|content-length|expect|keep-alive|transfer-encoding)$/i;
/** Headers that curl adds by default. */
const ADDED = ['User-Agent', 'Accept'];

type Get = (id: number) => StoredDelivery | undefined;

/**
 * Whether a delivery can be copied: it carries the secrets of the fake services and no others. The app verified it, for which
 * it knows only the fakes, or this process made it. A replay carries what its original carried. A socket and a body that is cut
 * cannot be sent with curl, nor can other bytes of a header than ASCII: Node reads each as a character of its own.
 */
export function isCopyable(delivery: StoredDelivery, get: Get): boolean {
  const { upgrade, cut, body, target, headers } = delivery;
  const isWhole = !upgrade && !cut && body !== undefined;
  return isWhole && [target, ...headers.flat()].every(isAscii) && isOfFakes(delivery, get);
}

function isOfFakes({ replayOf, entry, sent }: StoredDelivery, get: Get): boolean {
  if (replayOf === undefined) return entry?.verdict === 'accepted' || sent !== undefined;
  const original = get(replayOf);
  return original !== undefined && isOfFakes(original, get);
}

/**
 * A command for a POSIX shell that sends a delivery again as it was, with its secrets.
 *
 * @throws NotReplayable
 */
export function curlCommand(delivery: StoredDelivery, baseUrl: string, get: Get): string {
  const { method, target, headers, body } = delivery;
  if (!isCopyable(delivery, get) || !body)
    throw new NotReplayable(
      'Only a whole request that the fake services signed, with headers in ASCII, becomes a command. Others may carry real secrets.',
    );
  const kept = headers.filter(([name]) => !OWN.test(name));
  const added = body.length > 0 ? [...ADDED, 'Content-Type', 'Expect'] : ADDED;
  const missing = added.filter((name) => !kept.some(([one]) => one.toLowerCase() === name.toLowerCase()));
  const isArgument = body.length <= MAX_ARGUMENT_BYTES && isPlain(body);
  const data = isArgument ? `--data-raw ${quoted(body.toString())}` : '--data-binary @-';
  const parts = [
    `curl --include --globoff --path-as-is --request ${quoted(method)} ${quoted(baseUrl + target)}`,
    // A header without a value ends with a semicolon; one that curl must not add ends with a colon.
    ...kept.map(([name, value]) => `--header ${quoted(value === '' ? `${name};` : `${name}: ${value}`)}`),
    ...missing.map((name) => `--header ${quoted(`${name}:`)}`),
    ...(body.length > 0 ? [data] : []),
  ];
  const command = parts.join(' \\\n  ');
  // printf is part of the shell, which passes it arguments of any length.
  return isArgument ? command : `printf %s ${quoted(body.toString('base64'))} | base64 -d | ${command}`;
}

const isAscii = (text: string) => /^[\x20-\x7e]*$/.test(text);

/** Text without control characters, which a terminal could obey when somebody pastes them. */
function isPlain(body: Buffer): boolean {
  const text = body.toString();
  return Buffer.from(text).equals(body) && !/\p{Cc}/u.test(text);
}

const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;
