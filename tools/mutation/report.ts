/** What is read of a report in the mutation testing elements' form. */
export type Report = {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
};
type Mutant = {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: Place; readonly end: Place };
};
type Place = { readonly line: number; readonly column: number };

/** A mutant that made the tests go on for ever was noticed as well. */
const NOTICED = new Set(['Killed', 'Timeout', 'RuntimeError']);
const SURVIVED = new Set(['Survived', 'NoCoverage']);

export function scoreOf({ files }: Report): { killed: number; judged: number; ignored: number } {
  const all = Object.values(files).flatMap(({ mutants }) => mutants);
  const killed = all.filter(({ status }) => NOTICED.has(status)).length;
  const survived = all.filter(({ status }) => SURVIVED.has(status)).length;
  return { killed, judged: killed + survived, ignored: all.length - killed - survived };
}

/** Where each survivor stands, what stood there, and what it became, in a line each. */
export function survivorsOf({ files }: Report): string[] {
  return Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants
      .filter(({ status }) => SURVIVED.has(status))
      .map(({ location, replacement = '', mutatorName }) => {
        const { line } = location.start;
        return `${file}:${line} ${mutatorName}: ${short(partOf(source, location))} → ${short(replacement)}`;
      }),
  );
}

function partOf(source: string, { start, end }: Mutant['location']): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1);
  lines[0] = (lines[0] ?? '').slice(start.column - 1);
  return lines.join('\n');
}

const short = (text: string) => text.replace(/\s+/g, ' ').slice(0, 90);
