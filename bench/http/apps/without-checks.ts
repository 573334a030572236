import { app } from '@azure/functions';
import { calls } from '../../../handlers/calls.ts';
import { acceptAll, CALLBACKS, ringward } from '../../ringward.ts';
import { ringwardEnvironment } from '../environment.ts';

// The pipeline without its checks accepts everybody: the difference is what the checks cost.
const { receive } = ringward(CALLBACKS, ringwardEnvironment(), { handlers: { calls }, check: acceptAll });
app.http('without-checks', {
  route: CALLBACKS,
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: (request) => receive(request),
});
