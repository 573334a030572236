import hostJson from '../host.json' with { type: 'json' };

/** The part of a path that the Functions host puts before every route. `host.json` is its only source. */
const ROUTE_PREFIX: string = hostJson.extensions.http.routePrefix;

/** The path of a route, with the prefix: `/api/callbacks/call-automation`. */
export const routePath = (route: string) =>
  `/${[...ROUTE_PREFIX.split('/'), route].filter(Boolean).join('/')}`;
