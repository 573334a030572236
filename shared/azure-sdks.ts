/*
 * Everything that Ringward takes from the Azure SDKs. Loaded by `await import`, never by a static one: the SDKs take
 * longer to load than the whole app, and a request that finds its keys in memory needs none of them. `npm run build`
 * makes a bundle of its own of this file.
 */
export {
  AzureCliCredential,
  AzureDeveloperCliCredential,
  ChainedTokenCredential,
  ManagedIdentityCredential,
} from '@azure/identity';
export { CallAutomationClient } from '@azure/communication-call-automation';
export { createIdentifierFromRawId, getIdentifierRawId } from '@azure/communication-common';
export { AzureNamedKeyCredential, TableClient } from '@azure/data-tables';
export { SecretClient } from '@azure/keyvault-secrets';
