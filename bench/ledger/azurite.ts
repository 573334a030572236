import { startAzurite } from '../../local/fakes/azurite.ts';

// Azurite for the benchmark of the ledger. Ends with the process that started it.
const { url } = await startAzurite();
process.send?.({ url });
process.on('disconnect', () => process.exit());
