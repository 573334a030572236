import type { HttpRequest, InvocationContext } from '@azure/functions';
import { expect, test } from 'vitest';
import { health } from '../../functions/health.ts';
import { everything } from '../../shared/telemetry/log-volume.ts';

const dependency = (available: boolean) => ({ isAvailable: () => available });

async function asked(dependencies: Parameters<typeof health>[0]) {
  const warned: string[] = [];
  const context = { warn: (message: string) => void warned.push(message) };
  const answer = await health(dependencies, everything)(
    {} as HttpRequest,
    context as unknown as InvocationContext,
  );
  return { answer, warned };
}

test('an instance with all that it needs is well, and says nothing in the log', async () => {
  const { answer, warned } = await asked({ ledger: dependency(true), keys: dependency(true) });
  expect(answer).toMatchObject({ status: 200, jsonBody: { status: 'ok' } });
  expect(warned).toEqual([]);
});

test('one that lacks something tells anybody that it is unavailable, and the log alone what it lacks', async () => {
  const { answer, warned } = await asked({
    ledger: dependency(false),
    keys: dependency(true),
    vault: dependency(false),
  });
  expect(answer).toMatchObject({ status: 503, jsonBody: { status: 'unavailable' } });
  expect(JSON.stringify(answer)).not.toMatch(/ledger|vault/);
  expect(warned).toEqual([
    JSON.stringify({ ringward: 'unhealthy', level: 'warn', out: ['ledger', 'vault'] }),
  ]);
});

test.each([
  [true, true, 200, 'ok'],
  [false, true, 200, 'degraded'],
  [true, false, 503, 'unavailable'],
  [false, false, 503, 'unavailable'],
])(
  'with the ledger %j and keys %j, where the ledger is tolerated: %i %s',
  async (ledger, keys, status, word) => {
    const dependencies = { ledger: dependency(ledger), keys: dependency(keys) };
    const handler = health(dependencies, everything, ['ledger']);
    const context = { warn: () => {} } as unknown as InvocationContext;
    expect(await handler({} as HttpRequest, context)).toMatchObject({ status, jsonBody: { status: word } });
  },
);
