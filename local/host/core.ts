import { registerHooks } from 'node:module';

const coreModule = new URL('./functions-core.ts', import.meta.url).href;
let installed = false;

/**
 * Answers `require('@azure/functions-core')` with `functions-core.ts`, for every caller and folder, so that
 * a bundle with no node_modules near it gets it too. Only `require`, as the worker patches only that: an app that
 * imports the name from ESM source fails in Azure, and so it does here.
 *
 * It must run before the app is imported. The library asks once, at its first registration, and without an answer goes
 * into its test mode, which registers nothing.
 */
export function installCore(): void {
  if (installed) return;
  installed = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      // An array by its documentation, a set in Node 22.
      if (specifier === '@azure/functions-core' && new Set(context.conditions).has('require')) {
        return { url: coreModule, shortCircuit: true };
      }
      return nextResolve(specifier, context);
    },
  });
}
