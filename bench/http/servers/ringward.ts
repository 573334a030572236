import { ringwardEnvironment } from './environment.ts';
import { serve } from './functions-app.ts';

/** The app as it is, with the sample handlers. */
export function start(): Promise<number> {
  Object.assign(process.env, ringwardEnvironment());
  return serve('functions/main.ts');
}
