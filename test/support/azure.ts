import { startAzure } from '../../local/fakes/azure.ts';
import { trustFakes } from '../../local/fakes/trust.ts';

/** The fakes of Azure, and this process made to find and trust them, as a deployed app finds the real ones. */
export async function azureForThisProcess() {
  const azure = await startAzure();
  await trustFakes(azure.environment);
  return azure;
}
