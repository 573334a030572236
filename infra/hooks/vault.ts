import type { SignIn } from './azd.ts';
import { NotYet } from './patience.ts';

/** Key Vault, REST API version 7.4, as far as the hooks ask it. Nothing that is thrown holds a value. */
export type Vault = {
  /** Whether the secret has a version, enabled or not. Reads no value. */
  has(name: string): Promise<boolean>;
  /** Adds a version. */
  add(name: string, value: string): Promise<void>;
  /** The newest version. */
  read(name: string): Promise<string>;
};

const API = 'api-version=7.4';
/** What the vaults of a cloud are called in a token: in the public one `vault.azure.net`. */
const scopeOf = (url: string) =>
  `https://${/\.(vault\..+)$/.exec(new URL(url).hostname)?.[1] ?? 'vault.azure.net'}/.default`;

/** @param url the address of the vault, such as `https://ringward.vault.azure.net` */
export function vaultAt(url: string, signIn: SignIn): Vault {
  async function ask(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(`${url.replace(/\/$/, '')}/secrets/${path}`, {
      ...init,
      redirect: 'error',
      headers: { authorization: `Bearer ${await signIn(scopeOf(url))}`, 'content-type': 'application/json' },
    });
    if (response.ok || response.status === 404) return response;
    const text = await response.text();
    const why = `Key Vault answered ${response.status} (${codeIn(text)})`;
    if (text.includes('"ForbiddenByFirewall"'))
      throw new Error(`${why}: VAULT_ALLOWED_NETWORKS does not have the address of this machine`);
    // The role was assigned a moment ago, and takes minutes to be effective.
    if (response.status === 403)
      throw new NotYet(`${why}: no role Key Vault Secrets Officer yet, or a version that is disabled`);
    if (response.status === 409) throw new Error(`${why}: the secret was deleted; recover or purge it`);
    throw response.status === 429 || response.status >= 500 ? new NotYet(why) : new Error(why);
  }

  return {
    async has(name) {
      const response = await ask(`${name}/versions?maxresults=1&${API}`);
      if (response.status === 404) return false;
      const { value } = (await response.json()) as { value?: unknown[] };
      return (value ?? []).length > 0;
    },
    async add(name, value) {
      const body = JSON.stringify({ value, contentType: 'text/plain' });
      const { status } = await ask(`${name}?${API}`, { method: 'PUT', body });
      if (status === 404) throw new Error('Key Vault answered 404: is it the right vault?');
    },
    async read(name) {
      const response = await ask(`${name}?${API}`);
      if (response.status === 404)
        throw new Error(`the vault has no secret ${name}: run azd hooks run postprovision`);
      const { value } = (await response.json()) as { value: string };
      // Files and pipes add one line break at the end; the app ignores it too.
      return value.replace(/\r?\n$/, '');
    },
  };
}

/** The error code of the service. Its message may hold more than a log should. */
const codeIn = (text: string) => /"code"\s*:\s*"(\w{1,64})"/.exec(text)?.[1] ?? 'no code';
