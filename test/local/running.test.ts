import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { announce, running } from '../../local/running.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

const environment = {
  ACS_RESOURCE_ID: '11111111-2222-3333-4444-555555555555',
  SECRET_CALLBACK_KEY: 'a secret of thirty-two bytes or more',
  NODE_EXTRA_CA_CERTS: '/fakes.pem',
};
const url = 'http://127.0.0.1:7071';
const page = `${url}/inspector/token/`;
const fileOf = (pid = process.pid) => path.join(folder, `${pid}.json`);
const left = (pid: number, change: object = {}) =>
  writeFileSync(fileOf(pid), JSON.stringify({ pid, at: 1, url, page, environment, ...change }), {
    mode: 0o644,
  });

test('what is announced is found, until it is taken back', () => {
  const takeBack = announce({ url, page, environment }, folder);
  expect(running(folder)).toEqual({ url, page, environment });
  takeBack();
  expect(running(folder)).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});

test('only its owner can read it, whoever could read what lay there before', () => {
  left(process.pid);
  announce({ url, page, environment }, folder);
  expect(statSync(fileOf()).mode & 0o777).toBe(0o600);
});

test('nothing of the environment is told but settings and the way to the fakes', () => {
  announce({ url, page, environment: { ...environment, GITHUB_TOKEN: 'private', PATH: '/bin' } }, folder);
  expect(readFileSync(fileOf(), 'utf8')).not.toMatch(/private|PATH/);
});

// No process has this id: they are at most 2^22.
const DEAD = 2 ** 30;

test('one that ended without taking it back is not found, and swept away by the next', () => {
  left(DEAD);
  expect(running(folder)).toBeUndefined();
  announce({ url, page, environment }, folder);
  expect(readdirSync(folder)).toEqual([`${process.pid}.json`]);
});

test('of several that run the last that started is found, and when it ends the one before', () => {
  left(process.ppid, { url: 'http://127.0.0.1:7072' });
  const takeBack = announce({ url, page, environment }, folder);
  expect(running(folder)?.url).toBe(url);
  takeBack();
  expect(running(folder)?.url).toBe('http://127.0.0.1:7072');
});

test('of several that run the one on an address is found, whichever started last', () => {
  const other = 'http://127.0.0.1:7072';
  left(process.ppid, { url: other, page: `${other}/inspector/other/` });
  announce({ url, page, environment }, folder);
  expect(running(folder, other)?.page).toBe(`${other}/inspector/other/`);
  expect(running(folder, 'http://127.0.0.1:7073')).toBeUndefined();
});

test('where nothing was ever announced nothing is found', () => {
  expect(running(path.join(folder, 'absent'))).toBeUndefined();
});
