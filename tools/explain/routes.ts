import { everySender } from '../../local/senders.ts';
import { routePath } from '../../shared/delivery/endpoint.ts';

/** The routes of every sender, with the path of each: `authorize` at `/api/authorize`, and the upgrade of the media host. */
export function routePaths(): ReadonlyMap<string, string> {
  return new Map(
    everySender().flatMap(({ endpoints, upgrade }) => [
      ...endpoints.map(({ path }) => [path, routePath(path)] as const),
      ...(upgrade ? [[upgrade.path, `/${upgrade.path}`] as const] : []),
    ]),
  );
}
