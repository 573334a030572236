import { count } from './format.ts';

/** Between two announcements that nobody asked for. */
const MIN_INTERVAL_MS = 5000;

/** Announces results to screen readers at once, and new deliveries from time to time. */
export function liveRegion(region: HTMLElement) {
  let come = 0;
  let refused = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function tell(): void {
    timer = undefined;
    if (come > 0)
      region.textContent = `${count(come, 'new delivery', 'new deliveries')}, ${refused} refused or failed`;
    come = 0;
    refused = 0;
  }

  return {
    say(message: string): void {
      region.textContent = message;
    },
    came(many: number, notAccepted: number): void {
      come += many;
      refused += notAccepted;
      timer ??= setTimeout(tell, MIN_INTERVAL_MS);
    },
  };
}
