import { count } from './format.ts';

/** Milliseconds between two announcements of what comes by itself. */
const APART = 5000;

/** What a screen reader is told: at once what somebody asked for, and seldom what comes by itself. */
export function announcer(region: HTMLElement) {
  let come = 0;
  let refused = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function tell(): void {
    timer = undefined;
    if (come > 0)
      region.textContent = `${count(come, 'new delivery', 'new deliveries')}, ${refused} not accepted`;
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
      timer ??= setTimeout(tell, APART);
    },
  };
}

export type Announcer = ReturnType<typeof announcer>;
