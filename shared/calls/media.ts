import type { MediaStreamingOptions, TranscriptionOptions } from '@azure/communication-call-automation';
import type { Clock } from '../clock.ts';
import type { Media } from '../events/actions.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import { mintCallbackKey } from '../verification/callback-key.ts';

/** Mints the URI that the service opens a WebSocket to: MEDIA_URL with a ticket for this call and this purpose. */
export type MediaUri = (purpose: 'media' | 'transcription', reference: string) => Promise<string>;

export function mediaUris(options: {
  mediaUrl: string | undefined;
  ring: KeyRing;
  ttlSeconds: number;
  clock: Clock;
}): MediaUri {
  const { mediaUrl, ring, ttlSeconds, clock } = options;
  return async function mediaUri(purpose, reference) {
    if (!mediaUrl)
      throw new Error('No media can be streamed: set MEDIA_URL to the wss:// address of the media host');
    const [newest] = await ring.versions(new AbortController().signal);
    const expires = Math.floor(clock.now()) + ttlSeconds;
    const uri = new URL(mediaUrl);
    uri.searchParams.set('ticket', mintCallbackKey(newest, purpose, { reference, expires }));
    return uri.href;
  };
}

/** The media options of a call as the SDK wants them. */
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
