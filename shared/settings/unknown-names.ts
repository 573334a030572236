import type { Environment } from '../settings.ts';

/** What the names of our own settings begin with, as far as hardly anybody else's do. */
const BEGINNINGS = ['ACS_', 'EVENT_GRID_', 'VONAGE_', 'CALLBACK_', 'LEDGER_'];
/** Letters that may be wrong, missing or too many for a name to be taken for a known one. */
const FAR = 2;

/** A name in the environment that looks like a setting and is none, and the setting that it is probably meant for. */
export type UnknownName = { readonly name: string; readonly meant: string | undefined };

/** Names that were probably misspelled; those of empty variables count for nothing, like empty settings. */
export function unknownNames(environment: Environment, known: readonly string[]): readonly UnknownName[] {
  return Object.keys(environment)
    .filter((name) => environment[name]?.trim() && !known.includes(name))
    .flatMap((name) => {
      const [nearest] = known
        .map((meant) => ({ meant, distance: editDistance(name.toUpperCase(), meant) }))
        .filter(({ distance }) => distance <= FAR)
        .sort((one, other) => one.distance - other.distance);
      const looksLikeOurs = nearest || BEGINNINGS.some((beginning) => name.startsWith(beginning));
      return looksLikeOurs ? [{ name, meant: nearest?.meant }] : [];
    });
}

/** Letters to change, leave out or put in until one is the other (Levenshtein); more than `FAR` need not be exact. */
function editDistance(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > FAR) return FAR + 1;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, otherLetter] of [...other].entries()) {
      const changed = (row[column] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? FAR + 1;
}
