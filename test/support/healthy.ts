import { untilHealthy } from '../../local/app-process.ts';

/** Waits until an app is healthy. @throws where it does not become so */
export async function healthy(...target: Parameters<typeof untilHealthy>): Promise<void> {
  if (!(await untilHealthy(...target))) throw new Error('The app has no keys, secrets or ledger.');
}
