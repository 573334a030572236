import { expect, test } from 'vitest';
import { createApp } from '../../../shared/app.ts';
import { newReference } from '../../../shared/calls/uris.ts';
import type { Prompt } from '../../../shared/events/actions.ts';
import { answeringSettings, startPlay } from '../../local/providers/call-automation/setup.ts';

const file = { kind: 'file', file: { uri: 'https://example.com/hi.wav' } };
const text = { kind: 'text', text: { text: 'Good morning', sourceLocale: 'en-GB' } };
const ssml = { kind: 'ssml', ssml: { ssmlText: '<speak/>' } };
const spoken = { text: 'Good morning', sourceLocale: 'en-GB' };

test.each([
  [{ file: 'https://example.com/hi.wav' }, [file]],
  [spoken, [text]],
  [{ ssml: '<speak/>' }, [ssml]],
  [{ kind: 'textSource', ...spoken }, [text]],
  [
    [{ file: 'https://example.com/hi.wav' }, spoken],
    [file, text],
  ],
] satisfies [Prompt, object[]][])(
  '%j is played, and asked with, as the same sounds',
  async (prompt, sources) => {
    const { app, service } = await startPlay();
    const { calls } = createApp(answeringSettings(service, app)).platform;
    const { callConnectionId } = service.goingOn(app.url);
    const call = calls.call(callConnectionId, newReference());
    await call.play(prompt);
    await call.recognize(await call.caller(), {
      kind: 'callMediaRecognizeDtmfOptions',
      maxTonesToCollect: 1,
      playPrompt: prompt,
    });
    await service.idle();
    const bodies = service.requests().map(({ body }) => body);
    expect(bodies.flatMap(({ playSources }) => playSources ?? [])).toEqual(sources);
    expect(bodies.at(-1)).toMatchObject({
      playPrompts: sources,
      recognizeOptions: { targetParticipant: {} },
    });
  },
);
