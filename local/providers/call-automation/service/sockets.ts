import { WebSocket } from 'ws';
import type { Clock } from '../../../../shared/clock.ts';
import { LOOPBACK } from '../../../http/loopback.ts';
import type { LiveCall, Stream, StreamKind } from './model.ts';

/** A WebSocket that was opened, or refused. */
export type Streaming = {
  readonly kind: StreamKind;
  readonly callConnectionId: string;
  /** 101, another status, or 0 where no answer came. */
  readonly status: number;
  /** Of that answer. */
  readonly headers: NodeJS.Dict<string | string[]>;
  /** Milliseconds until then. */
  readonly milliseconds: number;
  readonly sent: number;
  readonly received: number;
  /** The close code; 0 where it never was open. */
  readonly code: number;
};

/** Twenty milliseconds of a tone, 16 bit and 16 kHz. */
function packet(number: number): string {
  const samples = Int16Array.from({ length: 320 }, (_, index) => {
    return 8000 * Math.sin((2 * Math.PI * 440 * (number * 320 + index)) / 16_000);
  });
  return Buffer.from(samples.buffer).toString('base64');
}

const text = (offset: string, said: string, resultStatus: string) =>
  `{"kind":"TranscriptionData","transcriptionData":{"text":"${said}","format":"display","confidence":0.69,"offset":${offset},"duration":9600000,"words":[{"text":"${said}","offset":${offset},"duration":9600000}],"participantRawID":"8:acs:example","resultStatus":"${resultStatus}"}}`;

/** A second of audio and a tone, or two results of a transcription. The offset exceeds 2^53. */
const frames: Record<StreamKind, (call: LiveCall, stream: Stream) => readonly string[]> = {
  media: (_call, { id }) => [
    JSON.stringify({
      kind: 'AudioMetadata',
      audioMetadata: { subscriptionId: id, encoding: 'PCM', sampleRate: 16_000, channels: 1, length: 640 },
    }),
    ...Array.from({ length: 50 }, (_, number) =>
      JSON.stringify({
        kind: 'AudioData',
        audioData: {
          timestamp: new Date().toISOString(),
          participantRawID: '8:acs:example',
          data: packet(number),
          silent: false,
        },
      }),
    ),
    JSON.stringify({
      kind: 'DtmfData',
      dtmfData: { data: '3', participantRawID: '8:acs:example', timestamp: new Date().toISOString() },
    }),
  ],
  transcription: ({ callConnectionId, correlationId }, { id, options }) => [
    JSON.stringify({
      kind: 'TranscriptionMetadata',
      transcriptionMetadata: { subscriptionId: id, locale: options.locale, callConnectionId, correlationId },
    }),
    text('2516998782481234401', 'Good', 'Intermediate'),
    text('2516998782481234401', 'Good morning.', 'Final'),
  ],
};

const PACKET_MS = 20;
const ECHO_TIMEOUT_MS = 300;

/**
 * Opens the WebSockets of the calls as the service does, each with its own token and to the URL of the call. Never opens
 * one to another machine.
 *
 * https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/audio-streaming-quickstart
 */
export function streamSockets(options: { token: () => string; begin: () => () => void; clock: Clock }) {
  const { token, begin, clock } = options;
  const over: Streaming[] = [];
  const sockets = new Set<WebSocket>();

  async function stream(kind: StreamKind, call: LiveCall, { ...given }: Stream): Promise<Streaming> {
    const { callConnectionId, correlationId } = call;
    const started = clock.ticks();
    const ws = new WebSocket(given.options.transportUrl ?? '', {
      headers: {
        authorization: `Bearer ${token()}`,
        'x-ms-call-connection-id': callConnectionId,
        'x-ms-call-correlation-id': correlationId,
      },
    });
    sockets.add(ws);
    let received = 0;
    ws.on('message', () => received++);
    const closed = new Promise<number>((resolve) => ws.once('close', resolve));
    let headers: Streaming['headers'] = {};
    ws.once('upgrade', (response) => {
      headers = response.headers;
    });
    const status = await new Promise<number>((resolve) => {
      ws.once('open', () => resolve(101));
      ws.once('unexpected-response', (request, response) => {
        headers = response.headers;
        request.destroy();
        resolve(response.statusCode ?? 0);
      });
      ws.on('error', () => resolve(0));
    });
    const milliseconds = clock.ticks() - started;
    let sent = 0;
    if (status === 101) {
      for (const frame of frames[kind](call, given)) {
        if (ws.readyState !== ws.OPEN) break;
        ws.send(frame);
        sent++;
        await clock.sleep(PACKET_MS);
      }
      if (kind === 'media') await clock.sleep(ECHO_TIMEOUT_MS);
      ws.close(1000);
    }
    const code = status === 101 ? await closed : 0;
    sockets.delete(ws);
    return { kind, callConnectionId, status, headers, milliseconds, sent, received, code };
  }

  return {
    /** Opens the socket of a stream, sends its frames, and closes it. */
    open(kind: StreamKind, call: LiveCall, given: Stream): void {
      const url = given.options.transportUrl ?? '';
      if (!URL.canParse(url) || !LOOPBACK.has(new URL(url).hostname)) return;
      const end = begin();
      void stream(kind, call, given)
        .then((streaming) => over.push(streaming))
        .finally(end);
    },
    over: (): readonly Streaming[] => [...over],
    close: () => sockets.forEach((ws) => ws.terminate()),
  };
}

export type StreamSockets = ReturnType<typeof streamSockets>;
