/** Does work whenever Enter is pressed, one time after the other; a failure is printed, and the next is another try. */
export function onEnter(work: () => Promise<void>, input: NodeJS.ReadableStream = process.stdin): void {
  let turn: Promise<void> = Promise.resolve();
  input.on('data', () => {
    turn = turn
      .then(work)
      .catch((fault: unknown) => console.error(fault instanceof Error ? fault.message : fault));
  });
}
