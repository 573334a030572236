/*
 * What is sent to Call Automation, in the form of its JavaScript SDK.
 * https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/audio-streaming-quickstart
 */

/** Audio to be played. Base64 holds no character that JSON would escape. */
export function audioMessage(pcm: Uint8Array): string {
  const data = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
  return `{"kind":"AudioData","audioData":{"data":"${data}"},"stopAudio":null}`;
}

/** Everything that was sent and is not played yet is dropped. */
export const stopMessage = '{"kind":"StopAudio","audioData":null,"stopAudio":{}}';
