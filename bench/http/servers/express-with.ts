import type { Contender } from '../../contenders/rs256.ts';
import { peer } from '../../harness/peers.ts';
import { ROUTE } from '../genuine-requests.ts';
import { issuer } from './environment.ts';
import { listening } from './listening.ts';

type Request = { readonly headers: { readonly authorization?: string }; readonly body: unknown };
type Response = { status(code: number): { end(): void } };

/** An Express app that verifies the token of a callback and takes its events apart. */
export async function expressWith(contender: Contender | undefined): Promise<number> {
  if (!contender) throw new Error('there is no such contender');
  const { default: express } = await peer('express');
  const verify = await contender.make(issuer);
  const app = express();
  app.use(express.json());
  app.post(ROUTE, async ({ headers, body }: Request, response: Response) => {
    try {
      await verify(headers.authorization?.split(' ')[1] ?? '');
    } catch {
      return response.status(401).end();
    }
    return response.status(Array.isArray(body) ? 200 : 400).end();
  });
  return listening(app);
}
