import type { ServerResponse } from 'node:http';
import type { State } from './contract.ts';
import type { Recorder } from './recorder.ts';
import { SAFE_HEADERS } from './guard.ts';
import { summary } from './serialize.ts';

/** Changes are gathered so long before they are told, in milliseconds. */
const GATHER = 100;
/** Deliveries told at once; more follow in the next message. */
const MOST = 500;
/** A reader that has so much unread, in bytes, is dropped: it comes again when it can. */
const UNREAD = 4 * 1024 * 1024;
const MOST_READERS = 50;

type Reader = { readonly response: ServerResponse; told: number; readonly changed: Set<number> };

/** The live stream of the page: what is new, what changed, what is forgotten. */
export function live(recorder: Recorder, state: () => State) {
  const readers = new Set<Reader>();
  let timer: NodeJS.Timeout | undefined;
  let forgotten = recorder.lowest();

  const stop = recorder.onChange((id) => {
    for (const reader of readers) if (id <= reader.told) reader.changed.add(id);
    soon();
  });

  function soon(): void {
    if (readers.size === 0) return;
    timer ??= setTimeout(tell, GATHER);
  }

  function tell(): void {
    timer = undefined;
    const lowest = recorder.lowest();
    for (const reader of readers) {
      if (lowest !== forgotten) write(reader, 'forgotten', lowest);
      if (news(reader)) soon();
    }
    forgotten = lowest;
  }

  /** @returns whether there is more */
  function news(reader: Reader): boolean {
    const changed = [...reader.changed].slice(0, MOST);
    for (const id of changed) reader.changed.delete(id);
    const unseen = recorder.after(reader.told);
    const fresh = unseen.slice(0, MOST);
    reader.told = fresh.at(-1)?.id ?? reader.told;
    const known = changed.map(recorder.get).filter((one) => one !== undefined);
    const told = [...known, ...fresh].map(summary);
    if (told.length > 0) write(reader, 'deliveries', told);
    return unseen.length > fresh.length || reader.changed.size > 0;
  }

  function write(reader: Reader, event: string, data: unknown): void {
    const { response } = reader;
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (response.writableLength > UNREAD) {
      readers.delete(reader);
      response.destroy();
    }
  }

  return {
    /** @param after the last delivery that the reader knows */
    open(response: ServerResponse, after: number): void {
      if (readers.size >= MOST_READERS) return void response.writeHead(503, SAFE_HEADERS).end();
      response.writeHead(200, { ...SAFE_HEADERS, 'content-type': 'text/event-stream' });
      const reader: Reader = { response, told: after, changed: new Set() };
      readers.add(reader);
      response.on('close', () => readers.delete(reader));
      write(reader, 'state', state());
      write(reader, 'forgotten', recorder.lowest());
      if (news(reader)) soon();
    },
    state(): void {
      for (const reader of readers) write(reader, 'state', state());
    },
    close(): void {
      stop();
      clearTimeout(timer);
      for (const { response } of readers) response.destroy();
    },
  };
}

export type Live = ReturnType<typeof live>;
