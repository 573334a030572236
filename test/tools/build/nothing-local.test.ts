import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { stageApp, stageMedia } from '../../../tools/build/stage.ts';
import { newFolder } from '../../end-to-end/staged.ts';

const project = path.resolve(import.meta.dirname, '..', '..', '..');

test.each([
  ['the app', stageApp],
  ['the media host', stageMedia],
])(
  'nothing of the local host, the inspector or the tools is among what %s is made of',
  async (_what, stage) => {
    const folder = await newFolder();
    const files = await stage(project, folder);
    const maps = files.filter(({ name }) => name.endsWith('.map'));
    const sources = await Promise.all(
      maps.map(async ({ name }) => {
        const { sources } = JSON.parse(await readFile(path.join(folder, name), 'utf8')) as {
          sources: string[];
        };
        return sources.map((source) => path.relative(project, path.resolve(folder, source)));
      }),
    );
    const rooms = sources.flat().map((source) =>
      source
        .replaceAll('\\', '/')
        .split('/')
        .find((part) => part !== '..'),
    );
    expect(rooms).toContain('shared');
    expect(rooms.filter((room) => /^(local|tools|test|bench)$/.test(room ?? ''))).toEqual([]);
  },
);
