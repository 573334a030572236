import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { vi } from 'vitest';
import { freePort } from '../../../local/http/loopback.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Where the app and the media host are, and a certificate for this machine. */
export type Behind = {
  readonly app: string;
  readonly media: string;
  readonly tls: { readonly cert: string; readonly key: string };
};

/** A proxy that runs. */
export type Proxy = {
  readonly url: string;
  /** Everything that it has logged; complete once it is stopped. */
  readonly logged: () => Promise<string>;
  readonly stop: () => Promise<void>;
};

export type Program = { readonly name: string; readonly start: (behind: Behind) => Promise<Proxy> };

const shipped = path.resolve(import.meta.dirname, '..', '..', '..', 'infra', 'perimeter');
const PATH = `${process.env['PATH']}:/usr/sbin:/usr/local/sbin`;

/**
 * Whether a program is tried. The build server has both; elsewhere one that is not on the machine is left out, which is
 * said aloud.
 */
function isTried({ name }: Program): boolean {
  const isHere = !spawnSync(name, ['version'], { env: { PATH } }).error;
  if (isHere || process.env['CI']) return true;
  console.warn(`${name} is not installed, so infra/perimeter is not tried with it: apt-get install ${name}`);
  return false;
}

export const programs: readonly Program[] = [
  { name: 'nginx', start: startNginx },
  { name: 'caddy', start: startCaddy },
].filter(isTried);

async function startNginx({ app, media, tls }: Behind): Promise<Proxy> {
  const { folder, files, port } = await prepared(tls);
  const log = path.join(folder, 'access.log');
  const variables: Record<string, string> = {
    RINGWARD_LISTEN: `127.0.0.1:${port}`,
    RINGWARD_CERTIFICATE: files.cert,
    RINGWARD_CERTIFICATE_KEY: files.key,
    RINGWARD_APP: app,
    RINGWARD_MEDIA: media,
    // Addresses need none.
    RINGWARD_RESOLVER: '127.0.0.1',
    RINGWARD_ACCESS_LOG: log,
  };
  const template = await readFile(path.join(shipped, 'nginx.conf'), 'utf8');
  // As envsubst does it.
  const filled = template.replaceAll(/\$\{(RINGWARD_\w+)\}/g, (_, name: string) => variables[name] ?? '');
  await writeFile(path.join(folder, 'ringward.conf'), filled);
  // What Debian's own nginx.conf says, and where a user who is not root may write.
  const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${path.join(folder, name)};`,
  );
  await writeFile(
    path.join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/pid; events {} http { ${own.join(' ')} include ringward.conf; }`,
  );
  const args = ['-p', folder, '-c', path.join(folder, 'nginx.conf'), '-e', 'stderr'];
  return running('nginx', args, {}, port, () => readFile(log, 'utf8'));
}

async function startCaddy({ app, media, tls }: Behind): Promise<Proxy> {
  const { folder, files, port } = await prepared(tls);
  const environment = {
    RINGWARD_ADDRESS: `https://127.0.0.1:${port}`,
    RINGWARD_TLS: `tls ${files.cert} ${files.key}`,
    RINGWARD_APP: app,
    RINGWARD_MEDIA: media,
    HOME: folder,
  };
  const args = ['run', '--config', path.join(shipped, 'Caddyfile'), '--adapter', 'caddyfile'];
  return running('caddy', args, environment, port, async () => '');
}

async function prepared(tls: Behind['tls']) {
  const folder = await temporaryFolder();
  const files = { cert: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem') };
  await Promise.all([writeFile(files.cert, tls.cert), writeFile(files.key, tls.key)]);
  return { folder, files, port: await freePort() };
}

/** Starts a program and waits until it takes connections. Rejects with what it said where it ends before. */
async function running(
  program: string,
  args: readonly string[],
  environment: Record<string, string>,
  port: number,
  log: () => Promise<string>,
): Promise<Proxy> {
  const child = spawn(program, args, { env: { PATH, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  const exited = once(child, 'close');
  const ended = exited.then(() => Promise.reject(new Error(`${program} does not start:\n${said}`)));
  ended.catch(() => {});
  await Promise.race([vi.waitFor(() => accepts(port), { timeout: 120_000 }), ended]);
  return {
    url: `https://127.0.0.1:${port}`,
    logged: async () => said + (await log()),
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function accepts(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
}
