import { createApp, createSenders } from '../../shared/app.ts';
import type { Handlers } from '../../shared/app.ts';
import type { Clock } from '../../shared/clock.ts';
import { findEndpoint } from '../../shared/delivery/endpoint.ts';
import type { Delivery, Endpoint } from '../../shared/delivery/endpoint.ts';
import type { TrustedIssuer } from '../../shared/providers/provider.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import type { Environment } from '../../shared/settings/table.ts';
import type { Issuer } from '../../shared/verification/discovery.ts';
import { manualClock } from '../clock.ts';
import { development } from './settings.ts';

const secret = {
  CALLBACK_KEY_SECRET: 'callback-key',
  SECRET_CALLBACK_KEY: 'the secret of the tests, of 32 bytes or more',
};

type Given = { readonly settings?: Environment; readonly handlers?: Handlers; readonly clock?: Clock };

/**
 * The endpoint of an app that serves a request.
 *
 * @param request method and target, such as `POST /api/callbacks/vonage/sip`
 */
export function endpointOf(request: string, given: Given = {}): Endpoint {
  const settings = readSettings({ ...development, ...secret, ...given.settings });
  const app = createApp(settings, given.handlers, given.clock ?? manualClock());
  const [method = '', target = ''] = request.split(' ');
  const endpoints = app.senders.flatMap((sender) => sender.endpoints);
  const endpoint = findEndpoint(endpoints, method, new URL(target, 'https://app.example'));
  if (!endpoint) throw new Error(`no endpoint serves ${request}`);
  return endpoint;
}

/** How that endpoint delivers events. */
export function deliveryOf(request: string, given: Given = {}): Delivery {
  const { delivery } = endpointOf(request, given);
  if (!delivery) throw new Error(`${request} brings no events`);
  return delivery;
}

/** The issuers whose keys the senders ask for, in the order of the senders. */
export function issuersOf(environment: Environment): readonly Issuer[] {
  const settings = readSettings({ ...development, ...secret, ...environment });
  const { platform } = createApp(settings, {}, manualClock());
  const issuers: Issuer[] = [];
  function keySet(trusted: TrustedIssuer) {
    const { issuer, openIdConfigurationUrl } = trusted;
    issuers.push({ issuer, openIdConfigurationUrl });
    return platform.keySet(trusted);
  }
  createSenders(settings, { ...platform, keySet });
  return issuers;
}
