import { startAzure } from '../../local/stand-ins/azure.ts';
import { trustStandIns } from '../../local/trust.ts';

/** The stand-ins of Azure, and this process made to find and trust them, as a deployed app finds the real ones. */
export async function azureForThisProcess() {
  const azure = await startAzure();
  await trustStandIns(azure.environment);
  return azure;
}
