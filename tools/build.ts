import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { contentsTable } from './build/contents.ts';
import { stageApp } from './build/stage.ts';

// `npm run build`: checks the types, then stages in dist/app exactly what is deployed.
const root = path.resolve(import.meta.dirname, '..');

const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const types = spawnSync(process.execPath, [compiler, '--noEmit'], { cwd: root, stdio: 'inherit' });
if (types.status !== 0) {
  console.error('Not staged: the types do not check.');
  process.exit(1);
}

const files = await stageApp(root, path.join(root, 'dist', 'app'));
console.log('Staged in dist/app:');
console.log(contentsTable(files));
