/**
 * Does work on a text, and hands its result out again for as long as the same text comes again: the header of an issuer's
 * tokens is one for all that are signed with one key. Only the last text is known, so that whoever sends others makes nothing
 * grow. What is thrown is not remembered.
 *
 * @param work whose result follows from the text alone, and is never changed by those who get it
 */
export function lastOf<Result>(work: (text: string) => Result): (text: string) => Result {
  let last: { readonly text: string; readonly result: Result } | undefined;
  return (text) => {
    if (last?.text === text) return last.result;
    const result = work(text);
    // A copy, since a piece of a text keeps the whole of it: here a token.
    last = { text: Buffer.from(text).toString(), result };
    return result;
  };
}
