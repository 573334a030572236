import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { announce, running } from '../../local/running.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'ringward-running-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const environment = {
  ACS_RESOURCE_ID: '11111111-2222-3333-4444-555555555555',
  SECRET_CALLBACK_KEY: 'a secret of thirty-two bytes or more',
  NODE_EXTRA_CA_CERTS: '/stand-ins.pem',
};
const url = 'http://127.0.0.1:7071';
const fileOf = () => path.join(folder, 'npm-start.json');

test('what is announced is found, until it is taken back', () => {
  const takeBack = announce({ url, environment }, folder);
  expect(running(folder)).toEqual({ url, environment });
  takeBack();
  expect(running(folder)).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});

test('only its owner can read it, whoever could read what lay there before', () => {
  writeFileSync(fileOf(), '{}', { mode: 0o644 });
  announce({ url, environment }, folder);
  expect(statSync(fileOf()).mode & 0o777).toBe(0o600);
});

test('nothing of the environment is told but settings and the way to the stand-ins', () => {
  announce({ url, environment: { ...environment, GITHUB_TOKEN: 'private', PATH: '/bin' } }, folder);
  expect(readFileSync(fileOf(), 'utf8')).not.toMatch(/private|PATH/);
});

test('one that ended without taking it back is not found', () => {
  // No process has this id: they are at most 2^22.
  writeFileSync(fileOf(), JSON.stringify({ pid: 2 ** 30, url, environment }));
  expect(running(folder)).toBeUndefined();
});

test('one that ends leaves alone what another announced after it', () => {
  const takeBack = announce({ url, environment }, folder);
  writeFileSync(fileOf(), JSON.stringify({ pid: process.ppid, url: 'http://127.0.0.1:7072', environment }));
  takeBack();
  expect(running(folder)?.url).toBe('http://127.0.0.1:7072');
});
