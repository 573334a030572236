import { WebSocket } from 'ws';
import type { OutgoingRequest } from './request.ts';

/**
 * Opens a WebSocket as Call Automation does, says what it would stream, and closes it; where it is not let in, why not.
 *
 * @returns status 0 where no answer came
 */
export async function openSocket({ url, headers }: Pick<OutgoingRequest, 'url' | 'headers'>) {
  const ws = new WebSocket(url, { headers: Object.fromEntries(headers) });
  const closed = new Promise((resolve) => ws.once('close', resolve));
  const answered = await new Promise<{
    statusCode?: number | undefined;
    headers: NodeJS.Dict<string | string[]>;
  }>((resolve) => {
    ws.once('upgrade', resolve);
    ws.once('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response);
    });
    ws.on('error', () => resolve({ headers: {} }));
  });
  if (answered.statusCode === 101) {
    if (ws.readyState === ws.CONNECTING) await new Promise((resolve) => ws.once('open', resolve));
    ws.send(
      '{"kind":"AudioMetadata","audioMetadata":{"subscriptionId":"sample","encoding":"PCM","sampleRate":16000,"channels":1,"length":640}}',
    );
    ws.close(1000);
    await closed;
  }
  return {
    status: answered.statusCode ?? 0,
    header: (name: string) => answered.headers[name]?.toString(),
  };
}
