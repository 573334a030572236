import { CallAutomationClient } from '@azure/communication-call-automation';
import { AzureNamedKeyCredential, TableClient } from '@azure/data-tables';
import { ManagedIdentityCredential } from '@azure/identity';

// What both peers do: verify nothing, and answer the call with the SDK. Where there is a table, they make one entity first.

/** Set by the bundler, which leaves out the SDK of a table that is not used. */
declare const WITH_TABLE: boolean;

/** The published account of the emulator. */
const AZURITE = [
  'devstoreaccount1',
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
] as const;

const endpoint = process.env['ACS_ENDPOINT'] ?? '';
const client = new CallAutomationClient(endpoint, new ManagedIdentityCredential());
const table = WITH_TABLE
  ? new TableClient(
      process.env['LEDGER_TABLE_URL'] ?? '',
      'ringward',
      new AzureNamedKeyCredential(...AZURITE),
      { allowInsecureConnection: true },
    )
  : undefined;

/** The table is there, as it is where a deployment made it. */
export async function answer(body: string): Promise<void> {
  const started = String(performance.timeOrigin + performance.now());
  const [{ id, data }] = JSON.parse(body);
  await table?.createEntity({ partitionKey: id, rowKey: 'event' });
  const callbackUri = 'https://calls.example.com/api/callbacks';
  await client.answerCall(data.incomingCallContext, callbackUri, { operationContext: started });
}
