import type { Progress } from '../scenarios/scenario.ts';

/** One line that counts on a terminal, and a line for every tenth elsewhere. */
export function shown(): Progress {
  let tenths = 0;
  return (done, of) => {
    if (process.stdout.isTTY) process.stdout.write(`\r  ${done} of ${of}${done === of ? '\n' : ''}`);
    else if (Math.floor((done * 10) / of) > tenths) {
      tenths = Math.floor((done * 10) / of);
      console.log(`  ${done} of ${of}`);
    }
  };
}
