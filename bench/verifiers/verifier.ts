/** Verifies a token, or throws. */
export type Verify = (token: string) => unknown;

/** A way to verify tokens, by Ringward or by a peer. */
export type Verifier<Config> = {
  /** Creates the verifier as an app does when it starts. */
  readonly create: (config: Config) => Promise<Verify>;
  /** Fetches the issuer's keys for every token, so it gets fewer tokens. */
  readonly slow?: true;
  /** Gets one key when it is created and never asks the issuer: no service can rotate keys that way. */
  readonly fixedKey?: true;
};

/** An issuer of tokens, and the audience that it signs for. */
export type Issuer = {
  readonly issuer: string;
  readonly configurationUrl: string;
  readonly jwksUri: string;
  readonly audience: string;
};
