import { serve } from './functions-app.ts';

export const start = () => serve('bench/http/apps/limit.ts');
