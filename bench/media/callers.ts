import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from './server.ts';

/** Milliseconds between two frames of one socket. */
const PERIOD = 20;

/** A caller: a bare connection after its handshake, since a client library would take more of the machine than the host. */
type Caller = { readonly socket: Socket; sent: number; next: number; rest: Buffer };

/** A text frame under the mask 0, which leaves the text as it is (RFC 6455, section 5.3). */
function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0]);
  return Buffer.concat([head, payload]);
}

/** Twenty milliseconds of audio; the first twelve bytes, sixteen characters of base64, are a number and the time. */
const AUDIO = frameOf(
  `{"kind":"AudioData","audioData":{"timestamp":"2026-11-23T00:00:00.000Z","participantRawID":"8:acs:example","data":"${Buffer.alloc(640).toString('base64')}","silent":false}}`,
);
const DATA = '"data":"';
const STAMP_AT = AUDIO.indexOf(DATA) + DATA.length;

async function open(server: Server): Promise<Socket> {
  const { url, headers } = server.genuine();
  const { port, pathname, search } = new URL(url);
  const handshake = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
  };
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      path: pathname + search,
      headers: { ...headers, ...handshake },
    });
    asked.on('upgrade', (_response, socket) => resolve(socket as Socket));
    asked.on('response', ({ statusCode }) => reject(new Error(`answered ${statusCode}`)));
    asked.on('error', reject);
    asked.end();
  });
}

/**
 * Sockets that each send fifty frames a second, evenly spread, and hold what comes back against what was sent.
 */
export async function callers(server: Server, count: number) {
  const all: Caller[] = [];
  const stamp = Buffer.alloc(12);
  let [received, disordered, late] = [0, 0, 0];
  let delays: number[] = [];

  /** A whole frame of the server: unmasked, between 126 and 65535 bytes long. */
  function take(caller: Caller, frame: Buffer): void {
    const at = frame.indexOf(DATA) + DATA.length;
    stamp.write(frame.toString('latin1', at, at + 16), 'base64');
    if (stamp.readUInt32LE(0) !== caller.next++) disordered++;
    received++;
    delays.push(performance.now() - stamp.readDoubleLE(4));
  }

  function read(caller: Caller, chunk: Buffer): void {
    let rest = caller.rest.length > 0 ? Buffer.concat([caller.rest, chunk]) : chunk;
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt16BE(2)) {
      const end = 4 + rest.readUInt16BE(2);
      take(caller, rest.subarray(4, end));
      rest = rest.subarray(end);
    }
    caller.rest = rest;
  }

  for (let index = 0; index < count; index++) {
    const socket = await open(server);
    const caller: Caller = { socket, sent: 0, next: 0, rest: Buffer.alloc(0) };
    socket.on('data', (chunk) => read(caller, chunk));
    socket.on('error', () => {});
    all.push(caller);
  }

  function sendOne(caller: Caller): void {
    const frame = Buffer.from(AUDIO);
    stamp.writeUInt32LE(caller.sent++, 0);
    stamp.writeDoubleLE(performance.now(), 4);
    frame.write(stamp.toString('base64'), STAMP_AT, 'latin1');
    caller.socket.write(frame);
  }

  return {
    /** Sends any text over one of them. */
    say: (index: number, text: string) => void all[index]!.socket.write(frameOf(text)),
    waiting: (index: number) => all[index]!.socket.writableLength,
    /** Sends for so many seconds, and tells every tenth of it to whoever looks. */
    async send(seconds: number, look: () => Promise<void> = async () => {}): Promise<void> {
      const started = performance.now();
      const steps = seconds * 1000;
      let done = 0;
      let looked = 0;
      while (done < steps) {
        const now = Math.min(steps, performance.now() - started);
        late = Math.max(late, now - done);
        // One millisecond after the other, each with its share of the sockets; late ones are made up for.
        for (; done < now; done++) {
          for (let index = done % PERIOD; index < count; index += PERIOD) sendOne(all[index]!);
        }
        if (done >= (steps / 10) * (looked + 1)) {
          looked++;
          void look();
        }
        await sleep(1);
      }
      // Until everything has come back, or nothing comes any more.
      for (let before = -1; before !== received;) {
        before = received;
        await sleep(1000);
      }
    },
    /**
     * What has come since the last time, in milliseconds of delay, and how late the senders themselves were at worst: a
     * machine that is busy with other things shows there.
     */
    result() {
      const sorted = Float64Array.from(delays).sort();
      const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
      const sent = all.reduce((sum, caller) => sum + caller.sent, 0);
      const result = { sent, received, lost: sent - received, disordered, p50: at(0.5), p99: at(0.99), late };
      delays = [];
      late = 0;
      return result;
    },
    close: () => all.forEach(({ socket }) => socket.destroy()),
  };
}
