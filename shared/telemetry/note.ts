/**
 * Tells the operator something that belongs to no single delivery: an outage, a rotation, a warning at start.
 * `event` is a stable kebab-case name; `fields` hold nothing secret.
 */
export type Note = (
  level: 'info' | 'warn' | 'error',
  event: string,
  fields: Record<string, string | number>,
) => void;

/** One line of JSON on the console, where the Functions host and a container's log both pick it up. */
export const consoleNote: Note = (level, event, fields) => {
  console[level](JSON.stringify({ ringward: event, ...fields }));
};
