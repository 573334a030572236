import type { ReceivedRequest } from '../../shared/verification/check.ts';
import { printable } from '../../local/printable.ts';
import { isDate, timeShown } from './token-shown.ts';

const FORM = /^v1\.([\w-]{1,8})\.([\w-]{22})\.(\d{1,12})\.[\w-]{43}$/;

/** The content of the callback key or ticket in the URI, without its MAC; nothing where none has the right form. */
export function keyShown({ url }: ReceivedRequest, now: number): readonly (readonly [string, string])[] {
  return ['key', 'ticket'].flatMap((parameter) => {
    const [, kid, reference, expires] = FORM.exec(url.searchParams.get(parameter) ?? '') ?? [];
    if (kid === undefined || reference === undefined) return [];
    const at = Number(expires);
    return [
      [parameter, `secret version ${kid}, call reference ${printable(reference)}`],
      ['expires', isDate(at) ? timeShown(at, now) : 'never'],
    ] as const;
  });
}
