import { printable } from './printable.ts';

/** Longer lines are cut. The app's own are shorter. Characters. */
const LONGEST = 8192;

/** A line of a stack inside `handlers/`: who was called, and where in which file. */
const PLACE = /^ *at (?:async )?(?:(?:Object\.)?([^\s(]+).*\()?.*\b(handlers[\\/][^\s()?]+:\d+):\d+\)?$/;

/** What a handler logged or threw, as lines for a terminal: text as it is, an error with its places in `handlers/`. */
export function readable(message: string): readonly string[] {
  const note = noteIn(message);
  if (!note) return message.split('\n').map((line) => printable(line, LONGEST));
  const { ringward, level: _, error, ...fields } = note;
  if (ringward !== 'handler-threw') {
    const said = Object.entries(fields).map(([name, value]) => (name === 'why' ? value : `${name} ${value}`));
    return [printable(`${ringward}: ${said.join(', ')}`, LONGEST)];
  }
  const [thrown = '', ...stack] = String(error).split('\n');
  const places = stack.flatMap((line) => {
    const [, called = '', place] = PLACE.exec(line) ?? [];
    return place === undefined ? [] : [`    at ${place.replaceAll('\\', '/')} ${called}`.trimEnd()];
  });
  return [`threw ${thrown}`, ...places].map((line) => printable(line, LONGEST));
}

/** A note of the app. It has names, texts and numbers alone; a handler may log anything that begins like one. */
export function noteIn(
  message: string,
  begins = '{"ringward":',
): Readonly<Record<string, unknown>> | undefined {
  const note = jsonLine(message, begins);
  return note && Object.values(note).every((value) => typeof value !== 'object') ? note : undefined;
}

/** What the app logs as one line of JSON, by how the line begins. */
export function jsonLine(message: string, begins: string): Readonly<Record<string, unknown>> | undefined {
  if (!message.startsWith(begins)) return undefined;
  try {
    return JSON.parse(message) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
