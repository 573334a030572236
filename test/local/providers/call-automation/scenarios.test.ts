import { expect, test } from 'vitest';
import { actionOf } from '../../../../local/providers/call-automation/scenarios.ts';
import type { ApiRequest } from '../../../../local/providers/call-automation/service/api.ts';

const call = '/calling/callConnections/1-2';

test.each([
  ['POST', `${call}:play`, 202, 'play'],
  ['POST', `${call}:play`, 404, 'play (404)'],
  ['POST', `${call}/participants:add`, 202, 'add'],
  ['DELETE', call, 204, 'hangUp'],
  ['GET', call, 200, 'properties'],
  ['GET', `${call}/participants/4%3A%2B1555`, 200, 'participants'],
  ['GET', '/calling/recordings/1', 200, 'recordings'],
])('the action of %s %s with %i is %s', (method, path, status, action) => {
  expect(actionOf({ method, path, status } as ApiRequest)).toBe(action);
});
