import type { FileSource, SsmlSource, TextSource } from '@azure/communication-call-automation';
import type { Sound } from '../events/actions.ts';

/** A sound as the SDK wants it. */
export function soundSource(sound: Sound): FileSource | TextSource | SsmlSource {
  if ('kind' in sound) return sound;
  if ('file' in sound) return { kind: 'fileSource', url: sound.file };
  if ('ssml' in sound) return { kind: 'ssmlSource', ssmlText: sound.ssml };
  return { kind: 'textSource', ...sound };
}
