/** What every handler receives beside its event. */
export type HandlerContext = {
  /** Writes one line to the app's log. Keep phone numbers, names and what was said out of it. */
  readonly log: (message: string) => void;
  /**
   * Aborts when HANDLER_TIMEOUT_SECONDS have passed since the request was read, and the sender is answered 503. To have the
   * event delivered again, throw: `signal.throwIfAborted()`. Returning means done, also after the timeout: a retry is then
   * answered 200 and not handled.
   */
  readonly signal: AbortSignal;
  /**
   * The same for every attempt at this event. Pass it to the services that you call, so that an attempt that was cut off
   * before it was recorded does not take effect twice.
   */
  readonly idempotencyKey: string;
  /** The call reference: 22 characters, the same in every callback of this call. */
  readonly reference: string;
};
