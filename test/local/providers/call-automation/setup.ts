import { request as httpsRequest } from 'node:https';
import { CallAutomationClient } from '@azure/communication-call-automation';
import { ManagedIdentityCredential } from '@azure/identity';
import { onTestFinished } from 'vitest';
import { startAcs } from '../../../../local/providers/call-automation/acs.ts';
import { startCallAutomation } from '../../../../local/providers/call-automation/service/service.ts';
import type { IncomingCallData } from '../../../../local/providers/call-automation/service/incoming-call.ts';
import { newCertificateAuthority } from '../../../../local/fakes/certificates.ts';
import { startConnectProxy } from '../../../../local/fakes/connect-proxy.ts';
import { startManagedIdentity } from '../../../../local/fakes/managed-identity.ts';
import { trustAuthority } from '../../../../local/fakes/trust.ts';
import type { Clock } from '../../../../shared/clock.ts';
import { readSettings } from '../../../../shared/settings/settings.ts';
import { development } from '../../../support/settings.ts';
import { startReceiver } from '../receiver.ts';

const HOST = 'ringward-fake.communication.azure.com';

// Once for each file: the identity library keeps its tokens for as long as the process lives.
const authority = await newCertificateAuthority();
const identity = await startManagedIdentity();
const acs = await startAcs();
const tls = await authority.issue([HOST]);
const ports: Record<string, number> = {};
const proxy = await startConnectProxy(ports);
Object.assign(process.env, identity.environment, {
  HTTPS_PROXY: proxy.url,
  NO_PROXY: '127.0.0.1,localhost',
});
trustAuthority(authority.certificate);

/** Settings of an app that answers calls with its managed identity. */
export const answeringSettings = (service: { endpoint: string }, app: { url: string }) =>
  readSettings({
    ...development,
    ACS_ENDPOINT: service.endpoint,
    CALLBACK_BASE_URL: app.url,
    CALLBACK_KEY_SECRET: 'callback-key',
    SECRET_CALLBACK_KEY: 'a secret of thirty-two bytes or more',
    IDENTITY_ENDPOINT: process.env['IDENTITY_ENDPOINT'] ?? '',
  });

/** Call Automation under its real name for this process, an app that it calls back, and the SDK's clients. */
export async function startPlay(options: { clock?: Clock } = {}) {
  const persistence = { attempts: 3, pauseMilliseconds: 0 };
  const service = await startCallAutomation({ host: HOST, tls, identity, acs, persistence, ...options });
  ports[HOST] = service.port;
  const app = await startReceiver();
  onTestFinished(async () => {
    await Promise.all([service.close(), app.close()]);
  });

  // The SDK waits a second and more between its attempts.
  const once = { retryOptions: { maxRetries: 0 } };
  const callbackUri = `${app.url}/api/callbacks/call-automation?key=v1.dev.a~b'c&d=%7e|`;
  const clientWith = (options: object) =>
    new CallAutomationClient(service.endpoint, new ManagedIdentityCredential(), { ...options });
  const client = clientWith(once);
  return {
    acs,
    app,
    service,
    callbackUri,
    client,
    clientWith,
    clientWithKey: (connectionString = service.connectionString) =>
      new CallAutomationClient(connectionString, { ...once }),
    /** A call that the app answered and was told of. */
    async answered(
      options: Parameters<typeof client.answerCall>[2] = {},
      incoming: IncomingCallData = service.incomingCall(),
    ) {
      const { callConnection, callConnectionProperties } = await client.answerCall(
        incoming.incomingCallContext,
        callbackUri,
        options,
      );
      await service.idle();
      const id = callConnectionProperties.callConnectionId ?? '';
      return { id, incoming, call: callConnection, media: callConnection.getCallMedia() };
    },
    /** The events sent so far, in their order, but for those of answering. */
    told: () =>
      service
        .deliveries()
        .slice(2)
        .map(({ type, event }) => [type, event.data.operationContext]),
    /** The status of a request of the test's own. */
    ask: (method: string, path: string, headers: Record<string, string>, body = '') =>
      new Promise<number | undefined>((resolve, reject) => {
        const { host, port } = service;
        httpsRequest({
          host: '127.0.0.1',
          servername: host,
          port,
          method,
          path,
          headers: { host, ...headers },
        })
          .on('response', (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end(body);
      }),
  };
}
