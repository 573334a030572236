/** A version of a secret as the vault lists it, without its value. */
export type ListedVersion = {
  /** The whole version id. */
  readonly id: string;
  readonly enabled: boolean;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly notBefore?: number | undefined;
  readonly expires?: number | undefined;
};

/** Where secrets live. Each function throws a `FetchFailure` that holds nothing secret. */
export type Vault = {
  /** Loads what it takes to ask: no part of the time that an answer may take. */
  ready(): Promise<void>;
  /** Every version of a secret, in no order; none where there is no such secret. */
  list(name: string, signal: AbortSignal): Promise<readonly ListedVersion[]>;
  /** The value of one version. */
  value(name: string, id: string, signal: AbortSignal): Promise<string>;
};
