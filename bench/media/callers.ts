import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../harness/statistics.ts';
import type { Server } from './server.ts';

/** Between two frames of one socket. */
const PERIOD_MS = 20;

/** A raw connection after its handshake: a client library would need more CPU than the server. */
type Caller = { readonly socket: Socket; sent: number; next: number; rest: Buffer };

/** A text frame with the mask 0, which leaves the text as it is (RFC 6455, section 5.3). */
function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0]);
  return Buffer.concat([head, payload]);
}

/** Twenty milliseconds of audio. Its first 12 bytes, 16 characters of base64, are a number and the time of sending. */
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
    const upgrade = request({
      host: '127.0.0.1',
      port,
      path: pathname + search,
      headers: { ...headers, ...handshake },
    });
    upgrade.on('upgrade', (_response, socket) => resolve(socket as Socket));
    upgrade.on('response', ({ statusCode }) => reject(new Error(`answered ${statusCode}`)));
    upgrade.on('error', reject);
    upgrade.end();
  });
}

/** Opens sockets that each send fifty frames a second, evenly spread, and compare what comes back with what they sent. */
export async function callers(server: Server, count: number) {
  const all: Caller[] = [];
  const stamp = Buffer.alloc(12);
  let [received, disordered, lateMs] = [0, 0, 0];
  let delaysMs: number[] = [];

  /** Takes a whole frame of the server: unmasked, 126 to 65,535 bytes. */
  function receive(caller: Caller, frame: Buffer): void {
    const at = frame.indexOf(DATA) + DATA.length;
    stamp.write(frame.toString('latin1', at, at + 16), 'base64');
    if (stamp.readUInt32LE(0) !== caller.next++) disordered++;
    received++;
    delaysMs.push(performance.now() - stamp.readDoubleLE(4));
  }

  function read(caller: Caller, chunk: Buffer): void {
    let rest = caller.rest.length > 0 ? Buffer.concat([caller.rest, chunk]) : chunk;
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt16BE(2)) {
      const end = 4 + rest.readUInt16BE(2);
      receive(caller, rest.subarray(4, end));
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
    /** Sends any text over one of the sockets. */
    sendText: (index: number, text: string) => void all[index]!.socket.write(frameOf(text)),
    /** Bytes that one of the sockets could not send yet. */
    queuedBytes: (index: number) => all[index]!.socket.writableLength,
    /** Sends for `seconds`, and calls `onTenth` after each tenth of them. */
    async send(seconds: number, onTenth: () => Promise<void> = async () => {}): Promise<void> {
      const started = performance.now();
      const steps = seconds * 1000;
      let done = 0;
      let tenths = 0;
      while (done < steps) {
        const now = Math.min(steps, performance.now() - started);
        lateMs = Math.max(lateMs, now - done);
        // Each millisecond has its share of the sockets. Late ones catch up.
        for (; done < now; done++) {
          for (let index = done % PERIOD_MS; index < count; index += PERIOD_MS) sendOne(all[index]!);
        }
        if (done >= (steps / 10) * (tenths + 1)) {
          tenths++;
          void onTenth();
        }
        await sleep(1);
      }
      // Until no more frames come back.
      for (let before = -1; before !== received;) {
        before = received;
        await sleep(1000);
      }
    },
    /** The figures since the last result. `lateMs` is how late the senders themselves were at worst on a busy machine. */
    result() {
      const sorted = Float64Array.from(delaysMs).sort();
      const sent = all.reduce((sum, caller) => sum + caller.sent, 0);
      const delays = { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
      const result = { sent, received, lost: sent - received, disordered, ...delays, lateMs };
      delaysMs = [];
      lateMs = 0;
      return result;
    },
    close: () => all.forEach(({ socket }) => socket.destroy()),
  };
}
