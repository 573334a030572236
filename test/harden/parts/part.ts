import type { Extent, Tried } from '../extent.ts';

export type { Tried } from '../extent.ts';

/** What a run was asked for. */
export type Asked = {
  readonly extent: Exclude<Extent, 'test'>;
  readonly seed: number;
  /** How long the soak goes on, where its own extent is not meant. */
  readonly minutes: number | undefined;
};

/** Something that `npm run harden` tries. */
export type Part = {
  readonly name: string;
  readonly about: string;
  /** Prints how it goes; returns the lines of the table. */
  readonly run: (asked: Asked) => Promise<readonly Tried[]>;
};
