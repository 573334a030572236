import { randomBytes } from 'node:crypto';
import type { MediaStreamingOptions, TranscriptionOptions } from '@azure/communication-call-automation';
import type { Clock } from '../clock.ts';
import type { Media } from '../events/actions.ts';
import { routePath } from '../delivery/endpoint.ts';
import type { SecretVersions } from '../secrets/versions.ts';
import { mintCallbackKey } from '../verification/callback-key.ts';

/** 128 random bits in base64url. The callbacks, tokens and sockets of a call share its reference. */
export const newReference = () => randomBytes(16).toString('base64url');

/** 16 bytes leave four unused bits in the last of 22 characters. Only the spelling with zeros there is valid. */
export const isReference = (text: string) => /^[A-Za-z0-9_-]{21}[AQgw]$/.test(text);

/** The name under which the ledger remembers the call of a reference. */
export const referenceName = (reference: string) => `reference:${reference}`;

/** The name of a stream in the ledger: its call and its purpose. */
export const ticketName = (purpose: string, reference: string) => `media-ticket:${purpose}:${reference}`;

/** The name under which the ledger remembers that the call of a reference has ended. */
export const endedName = (reference: string) => `ended:${reference}`;

/** Keys are minted again for the same call, so its reference is remembered for this long after the first key expires. */
export const REMINTED_SECONDS = 2 * 86_400;

/**
 * Mints the callback URI for Azure Communication Services when a call is answered or placed. Without a reference it
 * belongs to a new call; with one it is minted again for the same call (an action, a recording).
 *
 * Throws an `Outage` if the secret is not available, and an Error if the reference is malformed or no base URL is known.
 */
export type CallbackUri = (reference?: string) => Promise<string>;

/** @param ttlSeconds how long a minted URI is valid */
export function callbackUris(options: {
  baseUrl: string | undefined;
  secret: SecretVersions;
  ttlSeconds: number;
  clock: Clock;
}): CallbackUri {
  const { baseUrl, secret, ttlSeconds, clock } = options;
  return async function callbackUri(reference = newReference()) {
    if (!baseUrl)
      throw new Error('No callback URI can be minted: set CALLBACK_BASE_URL to the public https address');
    if (!isReference(reference)) throw new Error('A call reference is 22 characters of base64url');
    const [newest] = await secret.versions(new AbortController().signal);
    const expires = Math.floor(clock.now()) + ttlSeconds;
    return `${baseUrl}${routePath('callbacks/call-automation')}?key=${mintCallbackKey(newest, 'callback', { reference, expires })}`;
  };
}

/** Mints the URI that the service opens a WebSocket to: MEDIA_URL with a ticket for this call and this purpose. */
export type MediaUri = (purpose: 'media' | 'transcription', reference: string) => Promise<string>;

export function mediaUris(options: {
  mediaUrl: string | undefined;
  secret: SecretVersions;
  ttlSeconds: number;
  clock: Clock;
}): MediaUri {
  const { mediaUrl, secret, ttlSeconds, clock } = options;
  return async function mediaUri(purpose, reference) {
    if (!mediaUrl)
      throw new Error('No media can be streamed: set MEDIA_URL to the wss:// address of the media host');
    const [newest] = await secret.versions(new AbortController().signal);
    const expires = Math.floor(clock.now()) + ttlSeconds;
    const uri = new URL(mediaUrl);
    uri.searchParams.set('ticket', mintCallbackKey(newest, purpose, { reference, expires }));
    return uri.href;
  };
}

/** The media options of a call in the form of the SDK. */
export async function mediaOptions(
  { mediaStreaming, transcription }: { [Kind in keyof Media]: Media[Kind] | undefined },
  reference: string,
  mediaUri: MediaUri,
) {
  const options: {
    mediaStreamingOptions?: MediaStreamingOptions;
    transcriptionOptions?: TranscriptionOptions;
  } = {};
  if (mediaStreaming) {
    const transportUrl = await mediaUri('media', reference);
    options.mediaStreamingOptions = { ...mediaStreaming, transportUrl, transportType: 'websocket' };
  }
  if (transcription) {
    const transportUrl = await mediaUri('transcription', reference);
    options.transcriptionOptions = { ...transcription, transportUrl, transportType: 'websocket' };
  }
  return options;
}
