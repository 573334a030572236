import type { CallbackUri, MediaUri } from '../shared/calls/uris.ts';
import type { SecretVersion } from '../shared/secrets/versions.ts';
import type { Environment } from '../shared/settings/table.ts';
import type { FakeAzure } from './fakes/azure.ts';

/** The fake service of one sender. */
export type FakeService = {
  /** The settings that point an app at it. */
  readonly environment: Environment;
  /** The issuers of its tokens, so that the inspector can stop them and rotate their keys. */
  readonly issuers: readonly FakeIssuer[];
  close(): Promise<void>;
};

export type FakeIssuer = { down(): Promise<void>; up(): Promise<void>; rotate(): Promise<void> };

/** The fake services of every sender in one fake Azure, with the app's secrets in its vault. */
export type FakeCloud = {
  readonly azure: FakeAzure;
  readonly services: readonly FakeService[];
  /** The fake service of a provider. */
  of<Fake extends FakeService>(provider: { start(azure: FakeAzure): Promise<Fake> }): Fake;
  /** The newest version of the callback secret, which signs. */
  readonly callbackSecret: SecretVersion;
  /** Adds a version to the vault, which signs from now on. The older ones still verify. */
  rotateCallbackSecret(): void;
  /** Mints as the app does, or as a backend that knows the secret. */
  callbackUris(baseUrl: string): CallbackUri;
  /** The same for the media host. */
  mediaUris(mediaUrl: string): MediaUri;
  close(): Promise<void>;
};

/** The app that requests go to, and the fake services that sign them. */
export type Target = {
  readonly cloud: FakeCloud;
  readonly baseUrl: string;
  /** `ws://…/media` */
  readonly mediaUrl: string;
};
