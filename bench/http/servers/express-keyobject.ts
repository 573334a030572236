import { contenders } from '../../contenders/rs256.ts';
import { expressWith } from './express-with.ts';

/** The same with a key that is in hand: the fastest that jsonwebtoken can be. */
export const start = () =>
  expressWith(contenders.find(({ name }) => name.startsWith('jsonwebtoken, a KeyObject')));
