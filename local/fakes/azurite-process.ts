import { createRequire } from 'node:module';

// Azurite's table service in this process, which ends with the one that started it, however that ended.
process.once('disconnect', () => process.exit());

const azurite = createRequire(import.meta.resolve('azurite/package.json'));
// Azurite loads the three thousand modules of its telemetry also where --disableTelemetry turns it off.
const telemetry = azurite.resolve('applicationinsights');
azurite.cache[telemetry] = { exports: {} } as NodeModule;
azurite('./dist/src/table/main.js');
