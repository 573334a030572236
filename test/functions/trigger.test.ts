import type { HttpRequest, InvocationContext } from '@azure/functions';
import { expect, test } from 'vitest';
import { trigger } from '../../functions/trigger.ts';
import { createApp } from '../../shared/app.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import { manualClock } from '../clock.ts';
import { development } from '../support/settings.ts';

const app = createApp(
  readSettings({
    ...development,
    CALLBACK_KEY_SECRET: 'callback-key',
    SECRET_CALLBACK_KEY: 'the secret of the tests, of 32 bytes or more',
    VONAGE_PROJECTS: '12345678',
    SECRET_VONAGE_12345678: 'the signature secret of the tests',
  }),
  {},
  manualClock(),
);
const functions = app.senders.flatMap((sender) =>
  sender.provider.routes.map((route) => ({ name: route.name, handler: trigger(app, sender, route) })),
);

/** The response of a function, what it logged, and the routes in it. */
async function asked(name: string, method: string, url: string) {
  const logged: string[] = [];
  const levels: string[] = [];
  const write = (level: string) => (message: string) => {
    logged.push(message);
    levels.push(level);
  };
  const context = {
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  } as unknown as InvocationContext;
  const request = new Request(`https://app.example${url}`, { method }) as unknown as HttpRequest;
  const response = await functions.find((one) => one.name === name)?.handler(request, context);
  const entries = logged.map((line) => JSON.parse(line) as { route: string });
  return { response, entries, levels, text: logged.join('\n'), routes: entries.map(({ route }) => route) };
}

test.each([
  ['call-automation', 'POST', '/api/callbacks/call-automation', 'callbacks/call-automation', 401],
  ['authorize', 'GET', '/api/authorize?for=media', 'authorize', 401],
  ['vonage-callback', 'POST', '/api/callbacks/vonage/sip', 'callbacks/vonage/sip', 503],
  ['vonage-callback', 'POST', '/API/callbacks/vonage/Archive/', 'callbacks/vonage/archive', 503],
])('%s hands %s %s to the endpoint of %s', async (name, method, url, route, status) => {
  const { response, routes } = await asked(name, method, url);
  expect(response).toMatchObject({ status });
  expect(routes).toEqual([route]);
});

test.each(['/api/callbacks/vonage/unknown?key=secret', '/api/callbacks/call-automation'])(
  'what no endpoint of its route serves is 404, and one entry names the route and nothing that the sender wrote: %s',
  async (url) => {
    const { response, entries, levels, text } = await asked('vonage-callback', 'POST', url);
    expect(response).toEqual({ status: 404 });
    expect([entries, levels]).toEqual([
      [
        {
          ringward: 'no-endpoint',
          level: 'warn',
          route: 'callbacks/vonage/{kind}',
          why: expect.any(String) as string,
        },
      ],
      ['warn'],
    ]);
    expect(text).not.toMatch(/unknown|secret/);
  },
);
