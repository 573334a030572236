import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fitsMachine, machineLibc } from './machine.mjs';
import { say } from './say.mjs';

/**
 * Tells how far an installation is, until the returned function is called: on a terminal in one line that is
 * rewritten, elsewhere in a line every two seconds. By what lies in node_modules, as npm does not tell.
 */
export function showProgress(root, packages) {
  const paths = Object.keys(packages).filter((path) => willBeInstalled(path, packages));
  const node = packages['node_modules/node'];
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  const onTerminal = process.stderr.isTTY;

  const timer = setInterval(
    () => {
      const there = paths.filter((path) => existsSync(join(root, path, 'package.json'))).length;
      // npm runs install scripts last, and the one of `node` fetches more than all packages together.
      const fetchesNode = there === paths.length && node ? `, fetching Node ${node.version}` : '';
      const text = `${there} of ${paths.length} packages${fetchesNode}, ${seconds()}`;
      if (onTerminal) process.stderr.write(`\r\x1b[Kringward: ${text}`);
      else say(text);
    },
    onTerminal ? 250 : 2_000,
  );
  return (text) => {
    clearInterval(timer);
    if (onTerminal) process.stderr.write('\r\x1b[K');
    if (text) say(`${text} in ${seconds()}`);
  };
}

/** An estimate: npm also leaves out optional packages that nothing on this platform asks for. */
function willBeInstalled(path, packages) {
  const { optional, os, cpu, libc } = packages[path];
  if (path === '') return false;
  if (!optional) return true;
  if (!os && !cpu) return path.slice('node_modules/'.length) in (packages[''].optionalDependencies ?? {});
  return fitsMachine({ os, cpu }) && (!libc || libc.includes(machineLibc()));
}
