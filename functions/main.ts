import { app as functions } from '@azure/functions';
import type { HttpHandler } from '@azure/functions';
import { memoizeAsync } from '../shared/async.ts';
import { registrations } from './registrations.ts';

// The entry of the app. The platform waits until it has registered the functions, so it does nothing else, and never
// throws: a module that throws leaves every route at 404, after which senders give up.

/** Loads settings, senders and handlers, and warms up. If it fails, the platform answers 500, and senders retry. */
const load = memoizeAsync(() => import('./app.ts'));

/** The handler of a function waits for the rest of the app. */
function handlerOf(name: string): HttpHandler {
  return async (request, context) => {
    const { handlers } = await load();
    return handlers[name]?.(request, context) ?? { status: 404 };
  };
}

// The senders cannot send the platform's function keys, and anybody may ask about health.
const authLevel = 'anonymous';

// Any one of these settings enables a sender, faulty or not: with faulty settings its routes answer that we are not available.
for (const { enabledBy, routes } of registrations) {
  if (!enabledBy.some((name) => process.env[name]?.trim())) continue;
  for (const { name, path, methods } of routes) {
    functions.http(name, { route: path, methods: [...methods], authLevel, handler: handlerOf(name) });
  }
}
functions.http('health', { route: 'health', methods: ['GET'], authLevel, handler: handlerOf('health') });

// What the log still counts is written when the app ends.
functions.hook.appTerminate(async () => (await load()).flushLog());

functions.hook.appStart(async () => {
  // A developer wants to see at once that the app cannot be loaded.
  if (process.env['AZURE_FUNCTIONS_ENVIRONMENT'] === 'Development') return void (await load());
  // Once the platform has been answered.
  setImmediate(() => {
    load().catch((fault: Error) => {
      console.error(JSON.stringify({ ringward: 'app-not-loaded', level: 'error', why: fault.stack }));
    });
  });
});
