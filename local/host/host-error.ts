/** A fault in what the local host was given: its message says what to do, so it is shown without a stack. */
export class HostError extends Error {
  override readonly name = 'HostError';
}
