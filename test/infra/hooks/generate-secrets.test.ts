import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { infra } from '../bicep.ts';
import { cloud, vault } from './cloud.ts';

/** Runs a hook as azd does, with an azd on the path that says `said`. */
async function run(hook: string, said: string, environment: Record<string, string>) {
  const folder = await temporaryFolder();
  writeFileSync(join(folder, 'azd'), `#!/bin/sh\nprintf '%s' '${said}'\n`, { mode: 0o755 });
  const child = spawn(process.execPath, [join(infra, 'hooks', hook)], {
    env: { PATH: [folder, process.env['PATH']].join(delimiter), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill());
  const [out, error, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => void child.on('close', resolve)),
  ]);
  return { code, out, error };
}

const named = { CALLBACK_KEY_NAME: 'callback-key', EVENT_GRID_KEY_NAME: 'event-grid-key' };

test.skipIf(process.platform === 'win32')(
  'run by azd, it fills the vault and shows neither secret nor token',
  async () => {
    const secrets = new Map<string, string>();
    const { url, asked } = await vault(secrets);
    const { code, out, error } = await run('generate-secrets.ts', '{"token":"token-of-azd"}', {
      ...named,
      VAULT_URL: url,
    });

    expect(error).toBe('');
    expect(code).toBe(0);
    expect(out).toBe('callback-key generated in the vault\nevent-grid-key generated in the vault\n');
    expect([...secrets.keys()]).toEqual(['callback-key', 'event-grid-key']);
    expect(asked[0]!.authorization).toBe('Bearer token-of-azd');
  },
);

test.skipIf(process.platform === 'win32')(
  'a secret that no enabled sender needs is not generated',
  async () => {
    const secrets = new Map<string, string>();
    const { url } = await vault(secrets);
    const environment = { CALLBACK_KEY_NAME: '', EVENT_GRID_KEY_NAME: 'event-grid-key', VAULT_URL: url };
    const { code } = await run('generate-secrets.ts', '{"token":"t"}', environment);
    expect(code).toBe(0);
    expect([...secrets.keys()]).toEqual(['event-grid-key']);
  },
);

test.skipIf(process.platform === 'win32')(
  'a secret of a handler that the vault does not have ends with what to do',
  async () => {
    const { url } = await vault(new Map([['partner-key', 'secret']]));
    const environment = { ...named, VAULT_URL: url, VAULT_NAME: 'kv-test' };
    const hook = (names: object) =>
      run('generate-secrets.ts', '{"token":"t"}', { ...environment, HANDLER_SECRETS: JSON.stringify(names) });

    const { code, error } = await hook({ PARTNER_KEY: 'partner-key', OTHER: 'other-key' });
    expect(code).not.toBe(0);
    expect(error).toContain('the vault does not have other-key, which HANDLER_SECRETS names');
    expect(error).toContain('az keyvault secret set --vault-name kv-test');
    expect(await hook({ PARTNER_KEY: 'partner-key' })).toMatchObject({ code: 0, error: '' });
  },
);

test.skipIf(process.platform === 'win32')(
  'without incoming calls there is nothing to subscribe to',
  async () => {
    const { code, out } = await run('subscribe.ts', '{"token":"t"}', { SYSTEM_TOPIC_ID: '' });
    expect(code).toBe(0);
    expect(out).toContain('nothing to subscribe to');
  },
);

test.skipIf(process.platform === 'win32')(
  'a refusal that is final ends with an error, and shows neither secret nor token',
  async () => {
    const { url, asked } = await cloud(({ method }) =>
      method === 'GET' ? { status: 404 } : { status: 401, body: { error: { code: 'Unauthorized' } } },
    );
    const { code, out, error } = await run('generate-secrets.ts', '{"token":"token-of-azd"}', {
      ...named,
      VAULT_URL: url,
    });

    expect(code).not.toBe(0);
    expect(error).toContain('Key Vault answered 401 (Unauthorized)');
    const { value } = JSON.parse(asked[1]!.body) as { value: string };
    expect(value).toHaveLength(43);
    for (const secret of [value, 'token-of-azd']) expect(out + error).not.toContain(secret);
  },
);

test.skipIf(process.platform === 'win32').each([
  ['nobody signed in', '{}', { ...named, VAULT_URL: 'http://127.0.0.1:9' }, 'sign in with azd auth login'],
  ['nothing provisioned', '{"token":"t"}', named, 'VAULT_URL is missing'],
])('with %s it says what to do', async (_, said, environment, message) => {
  const { code, error } = await run('generate-secrets.ts', said, environment);
  expect(code).not.toBe(0);
  expect(error).toContain(message);
});
