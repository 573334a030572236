import type { Environment } from '../shared/settings/table.ts';

/** Which setting turns which routes on. */
const routesBySetting = {
  ACS_RESOURCE_ID: ['POST /api/callbacks/call-automation', 'GET /api/authorize'],
  EVENT_GRID_KEY_SECRET: ['POST,OPTIONS /api/events/incoming-call'],
  VONAGE_PROJECTS: ['POST /api/callbacks/vonage/{kind}'],
  EVENT_GRID_TENANT_ID: ['POST,OPTIONS /api/events/incoming-call'],
} as const;

/**
 * The routes that an app with these settings must register. Told apart from what the app itself makes of them, since
 * an app that registers nothing looks healthy until the first call is lost.
 */
export function expectedRoutes(environment: Environment): string[] {
  const routes = Object.entries(routesBySetting).flatMap(([setting, turnedOn]) =>
    environment[setting]?.trim() ? [...turnedOn] : [],
  );
  return [...routes, 'GET /api/health'];
}
