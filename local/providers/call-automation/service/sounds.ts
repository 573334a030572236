import type { Identifier } from '../../../../shared/events/call-automation.ts';
import { printable } from '../../../printable.ts';
import type { PlaySource } from './model.ts';

/** Characters of one text or URL. */
const LONGEST = 120;

const short = (text: string) => printable(text.replaceAll(/\s+/g, ' ').trim(), LONGEST);

/** What a caller hears, such as `said "Press 1 for sales."` or `played https://app.example/hi.wav`; empty without sources. */
export const heard = (sources: readonly PlaySource[]): string => sources.map(sound).join(', ');

function sound({ text, ssml, file }: PlaySource): string {
  if (text?.text) return `said "${short(text.text)}"`;
  if (ssml?.ssmlText) {
    const spoken = short(ssml.ssmlText.replaceAll(/<[^>]*>/g, ' '));
    // SSML may consist of sounds alone.
    return spoken ? `said "${spoken}"` : `played ${short(ssml.ssmlText)}`;
  }
  return `played ${file?.uri ? short(withoutQuery(file.uri)) : 'something without text or URL'}`;
}

/** The query of a storage URL may be its signature. */
const withoutQuery = (url: string) => url.replace(/[?#].*$/s, '');

/** Whom a call is transferred to, by number or id. */
export const shownTarget = ({ phoneNumber, rawId }: Identifier): string =>
  short(phoneNumber?.value ?? rawId ?? 'nobody');
