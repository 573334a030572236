import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { infra } from './bicep.ts';
import { secretsIn, secretTextIn } from './secrets.ts';

const names = readdirSync(infra, { recursive: true, encoding: 'utf8' }).filter((name) =>
  statSync(join(infra, name)).isFile(),
);
const read = (name: string) => readFileSync(join(infra, name), 'utf8');
const templates = names.filter((name) => name.endsWith('.bicep'));
const others = ['../azure.yaml', ...names.filter((name) => !name.endsWith('.bicep'))];

test(`none of ${templates.length} templates holds, takes, reads or makes a secret, or gives a right with a wildcard`, () => {
  expect(templates.length).toBeGreaterThan(10);
  expect(templates.flatMap((path) => secretsIn({ path, source: read(path) }))).toEqual([]);
});

test(`nor does any of ${others.length} other files`, () => {
  expect(others.flatMap((path) => secretTextIn(path, read(path)))).toEqual([]);
});

test.each([
  ['a key of a storage account', 'var key = account.listKeys().keys[0].value'],
  ['a key of a storage account, by function', "var key = listKeys('id', '2025-01-01')"],
  ['a secure parameter', '@secure()\nparam anything string'],
  ['a secret made in a deployment', 'param key string = newGuid()'],
  ['an output named like a secret', "output sharedKey string = 'a'"],
  ['a connection string', "var a = 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=b'"],
  ['a token', "var a = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.x'"],
  ['random base64', "var a = 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA='"],
  ['random hex', "var a = '0123456789abcdef0123456789abcdef'"],
  ['a signature in a URL', "var a = 'https://a.example/b?sv=1&sig=abc'"],
  ['a private key', "var a = '-----BEGIN PRIVATE KEY-----'"],
  ['the role of an owner', "var a = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'"],
  ['the role of a contributor', "var a = 'B24988AC-6180-42A0-AB88-20F7382DD24C'"],
  ['a role of our own', "resource a 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {\n}"],
  ['any action', "var actions = ['*']"],
  ['any action of a provider', "var actions = ['Microsoft.Communication/*']"],
  ['the whole internet', "var ranges = ['0.0.0.0/0']"],
])('%s is found', (_, source) => {
  expect(secretsIn({ path: 'planted.bicep', source })).not.toEqual([]);
});
