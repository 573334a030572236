import { readdir } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { routePath } from '../../../shared/delivery/endpoint.ts';
import { startFleet } from '../fleet.ts';
import type { Part, Tried } from './part.ts';
import { newBooks } from './soak/books.ts';
import { excess, MIB, mebibytes, phases } from './soak/growth.ts';
import { newSenders } from './soak/senders.ts';
import { newWeather } from './soak/weather.ts';

/** The length of a run, the longest outage and the distance of two looks at the memory, in seconds. */
const LENGTHS = {
  short: { run: 60, outage: 5, look: 2 },
  long: { run: 1800, outage: 20, look: 10 },
} as const;
/** Connections that the app may hold when nobody sends any more, beside those that it had before. */
const HELD = 20;

/** One process of the staged app, everybody at once, and everything around it failing in turn. */
export const soak: Part = {
  name: 'soak',
  about: 'one process at full speed while keys rotate, and vault, issuer and table fail and come back',
  async run({ extent, seed, minutes }) {
    const { run, outage, look } = LENGTHS[minutes !== undefined && minutes > 3 ? 'long' : extent];
    const seconds = minutes === undefined ? run : minutes * 60;
    const settings = { LEDGER_OUTAGE: 'refuse', MEMORY_EVERY: String(look) };
    const fleet = await startFleet(1, settings, seed);
    const books = newBooks(fleet.journal);
    const weather = newWeather(fleet, outage);
    const senders = newSenders(fleet, weather, books);
    const descriptors = async () => (await readdir(`/proc/${fleet.pidOf(0)}/fd`)).length;
    const openBefore = await descriptors();

    const began = Date.now();
    const report = setInterval(() => void tell(), (seconds * 1000) / 20);
    const tell = async () => {
      await books.read();
      const last = books.weights().at(-1);
      console.log(
        `  ${Math.round((Date.now() - began) / 1000)} s: ${books.events()} events, ${books.handled()} handled,` +
          ` ${mebibytes(last?.alive)} MiB alive, ${mebibytes(last?.resident)} MiB resident, ${books.violations().length} violations`,
      );
    };
    const [blowing, sending] = [weather.run(), senders.run()];
    await wait(seconds * 1000);
    weather.end();
    await blowing;
    senders.end();
    await sending;
    clearInterval(report);

    // One more look at the memory, and idle connections have gone.
    await wait(look * 1000 + 7000);
    const openAfter = await descriptors();
    const { status: health } = await fetch(`${fleet.urlOf(0)}${routePath('health')}`);
    await books.read();
    books.close();
    const stray = fleet
      .output()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('{"ringward":'));
    await fleet.close();

    const memory = phases(books.weights());
    for (const [what, number] of books.tallies()) console.log(`  ${what.padEnd(30)}${number}`);
    for (const [what, number] of weather.happened()) console.log(`  ${what.padEnd(34)}${number} times`);
    console.log(`  open descriptors: ${openBefore} before, ${openAfter} after`);
    for (const line of stray) console.log(`  the app wrote: ${line}`);
    console.log(`  after warm-up: ${memory.first.text}\n  at the end:    ${memory.last.text}`);

    const requests = books.tallies().reduce((sum, [, number]) => sum + number, 0);
    return [
      {
        what: `requests in ${Math.round(seconds / 60)} min: verdicts`,
        times: requests,
        found: books.violations(),
      },
      { what: 'genuine events, each handled once', times: books.handled(), found: [] },
      { what: 'outages that nobody made, of a machine too busy', times: weather.late(), found: [] },
      check('growth of what is alive after warm-up, MiB', memory.grown / MIB, excess(memory)),
      check('connections left open', openAfter - openBefore, openAfter - openBefore > HELD),
      check('lines that are no notes, such as of an unhandled rejection', stray.length, stray.length > 0),
      check('health at the end', health, health !== 200),
    ];
  },
};

const check = (what: string, value: number, bad: boolean): Tried => ({
  what,
  times: Math.round(value),
  found: bad ? [`${what}: ${value}`] : [],
});
