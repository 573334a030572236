import { contenders } from '../../contenders/rs256.ts';
import { expressWith } from './express-with.ts';

/** Microsoft's sample with the faults mended that keep it from accepting anything. */
export const start = () => expressWith(contenders.find(({ slow }) => slow));
