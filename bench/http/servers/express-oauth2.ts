import { peer } from '../../harness/peers.ts';
import { ROUTE } from '../genuine-requests.ts';
import { issuer } from './environment.ts';
import { listening } from './listening.ts';

/** As documented for an issuer whose configuration is not where the standard has it. */
export async function start(): Promise<number> {
  const { default: express } = await peer('express');
  const { auth } = await peer('express-oauth2-jwt-bearer');
  const { issuer: name, jwksUri, audience } = issuer;
  const app = express();
  app.use(auth({ issuer: name, jwksUri, audience, tokenSigningAlg: 'RS256' }));
  app.use(express.json());
  app.post(ROUTE, (_request: unknown, response: { status(code: number): { end(): void } }) =>
    response.status(200).end(),
  );
  return listening(app);
}
