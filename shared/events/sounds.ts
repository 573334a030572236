import type { FileSource, SsmlSource, TextSource } from '@azure/communication-call-automation';
import type { Prompt, Sound } from './actions.ts';

/** A prompt in the form of the SDK. */
export const soundSources = (prompt: Prompt): (FileSource | TextSource | SsmlSource)[] =>
  [prompt].flat().map(soundSource);

function soundSource(sound: Sound): FileSource | TextSource | SsmlSource {
  if ('kind' in sound) return sound;
  if ('file' in sound) return { kind: 'fileSource', url: sound.file };
  if ('ssml' in sound) return { kind: 'ssmlSource', ssmlText: sound.ssml };
  return { kind: 'textSource', ...sound };
}
