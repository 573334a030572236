import { app } from '@azure/functions';
import { answer } from './answer.ts';

// The same as a function: what platform library and local host add to the script.
app.http('incoming-call', {
  route: 'events/incoming-call',
  methods: ['POST'],
  authLevel: 'anonymous',
  async handler(request) {
    await answer(await request.text());
    return { status: 200 };
  },
});
