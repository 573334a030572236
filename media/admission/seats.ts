/** The sockets that an instance holds, or is about to. */
export type Seats = {
  /** @returns what gives the seat back, once; undefined where there is none */
  take(): (() => void) | undefined;
  taken(): number;
};

export function seats(capacity: number): Seats {
  let taken = 0;
  return {
    take() {
      if (taken >= capacity) return undefined;
      taken++;
      let given = true;
      return function giveBack() {
        if (given) taken--;
        given = false;
      };
    },
    taken: () => taken,
  };
}
