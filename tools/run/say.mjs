/** To stderr, so that what a target prints can still be piped. */
export function say(text) {
  process.stderr.write(`ringward: ${text}\n`);
}

/** Ends the process with exit code 1; what must be undone hangs on its `exit` event. */
export function stop(text) {
  say(text);
  process.exit(1);
}
