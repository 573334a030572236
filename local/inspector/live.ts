import type { ServerResponse } from 'node:http';
import type { State } from './contract.ts';
import type { Recorder } from './recorder.ts';
import { SAFE_HEADERS } from './guard.ts';
import { summary } from './serialize.ts';

/** Changes are collected this long before they are sent. */
const COLLECT_MS = 100;
/** More follow in the next message. */
const MAX_PER_MESSAGE = 500;
/** A reader with more unread data is dropped. It reconnects when it can. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;
const MAX_READERS = 50;

type Reader = { readonly response: ServerResponse; sent: number; readonly changed: Set<number> };

/** The live stream of the page: what is new, what changed, what is forgotten. */
export function live(recorder: Recorder, state: () => State) {
  const readers = new Set<Reader>();
  let timer: NodeJS.Timeout | undefined;
  let forgotten = recorder.lowest();

  const stop = recorder.onChange((id) => {
    for (const reader of readers) if (id <= reader.sent) reader.changed.add(id);
    soon();
  });

  function soon(): void {
    if (readers.size === 0) return;
    timer ??= setTimeout(tell, COLLECT_MS);
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
    const changed = [...reader.changed].slice(0, MAX_PER_MESSAGE);
    for (const id of changed) reader.changed.delete(id);
    const unseen = recorder.after(reader.sent);
    const fresh = unseen.slice(0, MAX_PER_MESSAGE);
    reader.sent = fresh.at(-1)?.id ?? reader.sent;
    const known = changed.map(recorder.get).filter((one) => one !== undefined);
    const sent = [...known, ...fresh].map(summary);
    if (sent.length > 0) write(reader, 'deliveries', sent);
    return unseen.length > fresh.length || reader.changed.size > 0;
  }

  function write(reader: Reader, event: string, data: unknown): void {
    const { response } = reader;
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (response.writableLength > MAX_UNREAD_BYTES) {
      readers.delete(reader);
      response.destroy();
    }
  }

  return {
    /** @param after the last delivery that the reader knows */
    open(response: ServerResponse, after: number): void {
      if (readers.size >= MAX_READERS) return void response.writeHead(503, SAFE_HEADERS).end();
      response.writeHead(200, { ...SAFE_HEADERS, 'content-type': 'text/event-stream' });
      const reader: Reader = { response, sent: after, changed: new Set() };
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
