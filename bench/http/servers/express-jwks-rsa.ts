import { contenders } from '../../contenders/rs256.ts';
import { expressWith } from './express-with.ts';

/** The same with one client for all requests, which keeps the keys. */
export const start = () => expressWith(contenders.find(({ name }) => name.includes('shared')));
