import { upgradeOptions } from '../../media/authorize-upgrade.ts';
import { health } from '../../media/health.ts';
import { hostLimits, startMediaHost } from '../../media/host.ts';
import { assemble } from '../../shared/assembly.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import { serveFigures } from './figures.ts';

// The media host as `npm run media` starts it, with a handler that echoes, and stops taking frames after a tone.
const settings = readSettings(process.env);
const assembly = assemble(settings);
const { callAutomationKeys: keys, clock } = assembly;
await keys.warm();
const host = await startMediaHost({
  upgrades: upgradeOptions(assembly),
  async handler(session) {
    for await (const frame of session) {
      if (frame.kind === 'AudioData') await session.send(frame.pcm);
      if (frame.kind === 'DtmfData') await new Promise(() => {});
    }
  },
  limits: hostLimits(settings),
  health: health({ keys, maxStaleSeconds: 86_400, clock }),
  listenOn: { port: 0, address: '127.0.0.1' },
  log: { delivery() {}, handler() {}, handlerThrew: (_type, thrown) => console.error(thrown) },
  note() {},
});
serveFigures(host.port);
