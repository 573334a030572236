import { expect, test } from 'vitest';
import { webhookRequest } from '../../../shared/providers/event-grid/checks.ts';
import { received, verdictOf } from '../../support/verdict.ts';

const ORIGIN = 'eventgrid.azure.net';
const asking = (origin?: string, rate?: string) =>
  received({
    headers: {
      ...(origin !== undefined && { 'webhook-request-origin': origin }),
      ...(rate !== undefined && { 'webhook-request-rate': rate }),
    },
  });

test.each([
  [ORIGIN, undefined, 'accepted'],
  [ORIGIN, '*', 'accepted'],
  [ORIGIN, '1', 'accepted'],
  [ORIGIN, '120', 'accepted'],
  [ORIGIN, '999999999', 'accepted'],
  [ORIGIN, '1000000000', 'webhook-rate'],
  [ORIGIN, '0', 'webhook-rate'],
  [ORIGIN, '01', 'webhook-rate'],
  [ORIGIN, '-1', 'webhook-rate'],
  [ORIGIN, '1.5', 'webhook-rate'],
  [ORIGIN, '10 ', 'accepted'],
  [ORIGIN, '10 a', 'webhook-rate'],
  [ORIGIN, '**', 'webhook-rate'],
  [ORIGIN, '', 'webhook-rate'],
  [ORIGIN, 'x9', 'webhook-rate'],
  ['eventgrid.azure.us', '*', 'accepted'],
  ['eventgrid.azure.cn', '*', 'accepted'],
  ['eventgrid.azure.eaglex.ic.gov', '*', 'accepted'],
  ['eventgrid.azure.microsoft.scloud', '*', 'accepted'],
  ['EventGrid.Azure.US', '*', 'accepted'],
  ['EVENTGRID.AZURE.NET', '*', 'accepted'],
  ['eventgrid.azure.de', '*', 'webhook-origin'],
  ['eventgrid.azure', '*', 'webhook-origin'],
  ['eventgrid.azure.us.example', '*', 'webhook-origin'],
  ['azure.us', '*', 'webhook-origin'],
  ['eventgrid.azure.net,eventgrid.azure.us', '*', 'webhook-origin'],
  ['*', '*', 'webhook-origin'],
  [undefined, '*', 'webhook-origin'],
  ['', '*', 'webhook-origin'],
  [`${ORIGIN}.example`, '*', 'webhook-origin'],
  [`x.${ORIGIN}`, '*', 'webhook-origin'],
  [`https://${ORIGIN}`, '*', 'webhook-origin'],
  [`${ORIGIN}, ${ORIGIN}`, '*', 'webhook-origin'],
])('who asks as %j for the rate %j: %s', async (origin, rate, expected) => {
  expect(await verdictOf(webhookRequest, asking(origin, rate))).toBe(expected);
});
