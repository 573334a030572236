import path from 'node:path';
import { serveApp } from '../../../local/host/serve.ts';

const root = path.resolve(import.meta.dirname, '..', '..', '..');

/** Serves an app through the real `@azure/functions` library, and tells its port. What it logs is thrown away. */
export async function serve(app: string): Promise<number> {
  const { url } = await serveApp({ app: path.join(root, app), port: 0 });
  return Number(new URL(url).port);
}
