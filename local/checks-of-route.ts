import type { Proving } from '../shared/proving.ts';
import { authorizeChecks, callbackChecks, upgradeChecks } from '../shared/checks/call-automation.ts';
import { incomingCallChecks, permissionChecks } from '../shared/checks/incoming-call.ts';
import { vonageChecks } from '../shared/checks/vonage.ts';
import { vonageKinds } from '../shared/events/vonage.ts';
import type { Check } from '../shared/verification/check.ts';

/** A way in, and what is checked there, in its order. */
export type CheckedRoute = {
  readonly provider: 'call-automation' | 'event-grid' | 'vonage' | 'perimeter' | 'media';
  /** As the log calls it. */
  readonly route: string;
  readonly checks: readonly Check[];
};

/**
 * What the app, or the media host, would check of a request: the very checks, in their order.
 *
 * @returns undefined where nothing answers there, by its path, its method or the settings
 */
export function checksOfRoute(proving: Proving, method: string, url: URL): CheckedRoute | undefined {
  const { ACS_RESOURCE_ID: audiences, VONAGE_PROJECTS: projects } = proving.settings;
  const { pathname } = url;
  // As the platform has it, the routes of functions have no case, and a slash at their end is none of theirs. The media
  // host goes by the letter.
  const [, route] = /^\/api\/(.*?)\/?$/.exec(pathname.toLowerCase()) ?? [];
  if (pathname === '/media') {
    if (!audiences || method !== 'GET') return undefined;
    return { provider: 'media', route: 'media', checks: upgradeChecks(proving, audiences) };
  }
  if (route === 'callbacks/call-automation') {
    if (!audiences || method !== 'POST') return undefined;
    return { provider: 'call-automation', route, checks: callbackChecks(proving, audiences) };
  }
  if (route === 'authorize') {
    if (!audiences || method !== 'GET') return undefined;
    return { provider: 'perimeter', route, checks: authorizeChecks(proving, audiences)(url) };
  }
  if (route === 'events/incoming-call') {
    if (!proving.eventGridSecret && !proving.entraKeys) return undefined;
    if (method === 'OPTIONS') return { provider: 'event-grid', route, checks: permissionChecks(proving) };
    return method === 'POST'
      ? { provider: 'event-grid', route, checks: incomingCallChecks(proving) }
      : undefined;
  }
  // The last segment is looked at by the function itself, by the letter.
  const kind = vonageKinds.find((one) => pathname.endsWith(`/${one}`) && route === `callbacks/vonage/${one}`);
  if (!kind || !projects || !proving.vonageRings || method !== 'POST') return undefined;
  const checks = vonageChecks(proving, projects, proving.vonageRings, kind);
  return { provider: 'vonage', route: `callbacks/vonage/${kind}`, checks };
}
