/** Verifies a token, or throws. */
export type Verify = (token: string) => unknown;

/** A way to verify tokens, by Ringward or by a peer. */
export type Verifier<Config> = {
  /** What it does with a token, and what it leaves out. */
  readonly does: string;
  /** Creates the verifier as an app does when it starts. */
  readonly create: (config: Config) => Promise<Verify>;
  /** Gets one key when it is created, so it follows no rotation. */
  readonly neverFetches?: true;
};

/** An issuer of tokens, and the audience that it signs for. */
export type Issuer = {
  readonly issuer: string;
  readonly configurationUrl: string;
  readonly jwksUri: string;
  readonly audience: string;
};
