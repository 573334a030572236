import { asMarkdown } from './markdown.ts';

/** What a subject has found out. */
export type Report = {
  readonly title: string;
  /** What was measured, and how: Markdown. */
  readonly about: string;
  readonly tables: readonly Table[];
  readonly targets?: readonly Target[];
};

export type Table = {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly plot?: Plot;
};

/** Bars, from zero to the longest. */
export type Plot = {
  readonly unit: string;
  readonly bars: readonly {
    readonly name: string;
    readonly value: number;
    readonly low?: number;
    readonly high?: number;
  }[];
};

/** A ratio that the project is held to. */
export type Target = {
  readonly what: string;
  readonly value: number;
  readonly atLeast?: number;
  readonly atMost?: number;
};

export const isReached = ({
  value,
  atLeast = Number.NEGATIVE_INFINITY,
  atMost = Number.POSITIVE_INFINITY,
}: Target) => value >= atLeast && value <= atMost;

/** Hands the report to `npm run bench`, or prints it where a subject is run alone. */
export function publish(report: Report): Promise<void> {
  const send = process.send?.bind(process);
  if (!send) {
    console.log(asMarkdown(report));
    return Promise.resolve();
  }
  return new Promise((resolve) => send({ report }, undefined, undefined, () => resolve()));
}

/** Tells how far a subject is, on stderr. */
export function progress(text: string): void {
  process.stderr.write(`  ${text}\n`);
}
