import { createRequire } from 'node:module';

// Azurite's table service in this process, which ends with the one that started it, however that ended.
process.once('disconnect', () => process.exit());
createRequire(import.meta.url)('azurite/dist/src/table/main.js');
