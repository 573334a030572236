import { upgradeOptions } from '../../media/authorize-upgrade.ts';
import { hostLimits, startMediaHost } from '../../media/host.ts';
import { createApp } from '../../shared/app.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import { serveFigures } from './server.ts';

// The media host as `npm run media` starts it, with a handler that sends audio back, and reads no more after a tone.
const settings = readSettings(process.env);
const app = createApp(settings);
for (const { dependencies } of app.senders) {
  for (const dependency of Object.values(dependencies)) await dependency.warm();
}
const host = await startMediaHost({
  upgrades: upgradeOptions(app),
  async handler(session) {
    for await (const frame of session) {
      if (frame.kind === 'AudioData') await session.send(frame.pcm);
      if (frame.kind === 'DtmfData') await new Promise(() => {});
    }
  },
  limits: hostLimits(settings),
  dependencies: [],
  listenOn: { port: 0, address: '127.0.0.1' },
  log: {
    delivery() {},
    handler() {},
    handlerThrew: (_type, thrown) => console.error(thrown),
    handlerCompletedLate() {},
    leaseLost() {},
  },
  note() {},
});
serveFigures(host.port);
