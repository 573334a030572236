import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Server } from './server.ts';

/** Milliseconds between two frames of one socket. */
const PERIOD = 20;

/**
 * Sockets that each send fifty frames a second, evenly spread, and hold what comes back against what was sent: each frame
 * carries a number and the time.
 */
export async function callers(server: Server, count: number) {
  const sockets: { ws: WebSocket; sent: number; next: number }[] = [];
  let [received, disordered] = [0, 0];
  let delays: number[] = [];
  for (let index = 0; index < count; index++) {
    const { url, headers } = server.genuine();
    const ws = new WebSocket(url, { headers, perMessageDeflate: false });
    const socket = { ws, sent: 0, next: 0 };
    ws.on('message', (data: Buffer) => {
      const at = data.indexOf('"data":"') + 8;
      const stamp = Buffer.from(data.toString('latin1', at, at + 16), 'base64');
      if (stamp.readUInt32LE(0) !== socket.next++) disordered++;
      received++;
      delays.push(performance.now() - stamp.readDoubleLE(4));
    });
    await once(ws, 'open');
    sockets.push(socket);
  }

  function sendOne(socket: (typeof sockets)[number]): void {
    const pcm = Buffer.alloc(640);
    pcm.writeUInt32LE(socket.sent++, 0);
    pcm.writeDoubleLE(performance.now(), 4);
    socket.ws.send(
      `{"kind":"AudioData","audioData":{"timestamp":"2026-11-23T00:00:00.000Z","participantRawID":"8:acs:example","data":"${pcm.toString('base64')}","silent":false}}`,
    );
  }

  return {
    sockets,
    /** Sends for so many seconds, and tells every tenth of it to whoever looks. */
    async send(seconds: number, look: () => Promise<void> = async () => {}): Promise<void> {
      const started = performance.now();
      const steps = seconds * 1000;
      let done = 0;
      let looked = 0;
      while (done < steps) {
        // One millisecond after the other, each with its share of the sockets; late ones are made up for.
        for (const until = Math.min(steps, performance.now() - started); done < until; done++) {
          for (let index = done % PERIOD; index < count; index += PERIOD) sendOne(sockets[index]!);
        }
        if (done >= (steps / 10) * (looked + 1)) {
          looked++;
          void look();
        }
        await sleep(1);
      }
      await sleep(1000);
    },
    /** What has come since the last time, in milliseconds of delay. */
    result() {
      const sorted = Float64Array.from(delays).sort();
      const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
      const sent = sockets.reduce((sum, socket) => sum + socket.sent, 0);
      const result = { sent, received, lost: sent - received, disordered, p50: at(0.5), p99: at(0.99) };
      delays = [];
      return result;
    },
    close: () => sockets.forEach(({ ws }) => ws.terminate()),
  };
}
