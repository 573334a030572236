import { expect, test } from 'vitest';
import { connectionStringClient } from '../../../shared/calls/client.ts';
import { ringOf, version } from '../../support/secret-versions.ts';

const clientWith = (connectionString: string) =>
  connectionStringClient(ringOf(version('dev', connectionString)));

test.each([
  'hunter2',
  'endpoint=hunter2;accesskey=hunter2',
  'accesskey=hunter2',
  'endpoint=https://x.example/;accesskey=',
  'endpoint=hunter2://x.example/;accesskey=hunter2',
])('a connection string that cannot be read is not repeated: %s', async (connectionString) => {
  const failed = await clientWith(connectionString)().catch((thrown: unknown) => thrown);
  expect(failed).toBeInstanceOf(Error);
  const { message, stack, cause } = failed as Error;
  expect(message).toContain('ACS_CONNECTION_STRING_SECRET');
  expect(`${message} ${stack} ${String(cause)}`).not.toContain('hunter2');
});

test('one that can be read makes a client, and the same one as long as it is the newest', async () => {
  const client = clientWith('endpoint=https://x.example/;accesskey=aHVudGVyMg==');
  expect(await client()).toBe(await client());
});
