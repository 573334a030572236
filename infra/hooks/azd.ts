import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Gets a token for an OAuth scope, as the deploying person or workflow. */
export type SignIn = (scope: string) => Promise<string>;

/**
 * Signs in as the person or workflow that is signed in to azd. azd is there, since it runs these hooks.
 *
 * @throws Error with the output of azd, which holds no token
 */
export const signedInToAzd: SignIn = async (scope) => {
  const { stdout } = await promisify(execFile)('azd', [
    'auth',
    'token',
    '--scope',
    scope,
    '--output',
    'json',
    '--no-prompt',
  ]);
  const { token } = JSON.parse(stdout) as { token?: string };
  if (!token) throw new Error('azd auth token gave no token: sign in with azd auth login');
  return token;
};

/**
 * A variable of the azd environment: an output of infra/main.bicep.
 *
 * @throws Error that says where it comes from
 */
export function output(name: string, environment: NodeJS.ProcessEnv = process.env): string {
  const value = environment[name];
  if (!value)
    throw new Error(`${name} is missing: it is an output of infra/main.bicep, so run azd provision`);
  return value;
}
