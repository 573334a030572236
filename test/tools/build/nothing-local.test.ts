import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { stageApp, stageMedia } from '../../../tools/build/stage.ts';
import { projectWith } from '../../support/project.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const checkout = path.resolve(import.meta.dirname, '..', '..', '..') + path.sep;

test.each([
  ['the app', stageApp],
  ['the media host', stageMedia],
])(
  'nothing of the local host, the inspector or the tools is among what %s is made of',
  async (_what, stage) => {
    const [project, folder] = [await projectWith(), await temporaryFolder()];
    await stage(project, folder);
    const maps = (await readdir(folder)).filter((name) => name.endsWith('.map'));
    const sources = await Promise.all(
      maps.map(async (name) => {
        const { sources } = JSON.parse(await readFile(path.join(folder, name), 'utf8')) as {
          sources: string[];
        };
        return sources.map((source) => {
          const file = path.resolve(folder, source);
          // The project links to shared/ of the checkout.
          return path.relative(file.startsWith(checkout) ? checkout : project, file);
        });
      }),
    );
    const own = sources
      .flat()
      .map((source) => source.replaceAll('\\', '/'))
      .filter((source) => !source.includes('/node_modules/'));
    const rooms = own.map((source) => source.split('/').find((part) => part !== '..'));
    expect(rooms).toContain('shared');
    expect(rooms.filter((room) => /^(local|tools|test|bench)$/.test(room ?? ''))).toEqual([]);
  },
);
