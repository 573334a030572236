import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import type { VonageKind } from '../../../shared/events/vonage.ts';
import type { VonageProject } from '../../../shared/providers/vonage/token.ts';
import { routePath } from '../../../shared/delivery/endpoint.ts';
import { post } from '../../http/request.ts';
import type { OutgoingRequest, Reply } from '../../http/request.ts';
import { hs256 } from '../../fakes/token.ts';

/** How Vonage signs the callbacks of a project or an account. */
export type VonageSigner = {
  readonly apiKey: string;
  readonly header: () => Record<string, unknown>;
  /**
   * @param payload a body, or the parameters of a query as JSON
   * @param now seconds since the epoch
   */
  readonly claims: (payload: string | Uint8Array, now?: number) => Record<string, unknown>;
  /** The signature secret of a kind. An account has one for all. */
  readonly secretOf: (kind: VonageKind) => string;
};

export const vonageSigner = (
  { apiKey, applicationId }: VonageProject,
  secretOf: VonageSigner['secretOf'],
): VonageSigner => ({
  apiKey,
  header: () => ({ alg: 'HS256', typ: 'JWT' }),
  claims: (payload, now = Math.floor(Date.now() / 1000)) => ({
    iat: now,
    jti: randomUUID(),
    iss: 'Vonage',
    payload_hash: createHash('sha256').update(payload).digest('hex'),
    api_key: apiKey,
    application_id: applicationId,
  }),
  secretOf,
});

/** A project at Vonage, with a signature secret for each kind of callback. */
export type VonageSender = ReturnType<typeof newVonage>;

/** The pause between attempts doubles up to 15 minutes. Vonage gives up after a day. */
const FIRST_PAUSE_SECONDS = 5;
const LONGEST_PAUSE_SECONDS = 15 * 60;
const GIVEN_UP_AFTER_SECONDS = 24 * 3600;

/** @param project a new one by default */
export function newVonage({
  secretOf,
  project = newProject(),
}: {
  secretOf: (kind: VonageKind) => string;
  project?: VonageProject;
}) {
  const signer = vonageSigner(project, secretOf);
  const { header, claims } = signer;

  const token = (kind: VonageKind, body: string | Uint8Array, now?: number) =>
    hs256(header(), claims(body, now), secretOf(kind));

  /** A callback: one JSON object, and a token for it. */
  function callback(
    baseUrl: string,
    kind: VonageKind,
    body: string | Uint8Array,
    now?: number,
  ): OutgoingRequest {
    return {
      url: `${baseUrl}${routePath(`callbacks/vonage/${kind}`)}`,
      headers: [
        ['authorization', `Bearer ${token(kind, body, now)}`],
        ['content-type', 'application/json'],
      ],
      body,
    };
  }

  return {
    ...signer,
    applicationId: project.applicationId,
    token,
    callback,
    /** In the rare case of an error at Vonage, a callback has no token. */
    unsigned: (baseUrl: string, kind: VonageKind, body: string): OutgoingRequest => ({
      ...callback(baseUrl, kind, body),
      headers: [['content-type', 'application/json']],
    }),
  };
}

/**
 * Sends a callback of Video or Messages with the retries of Vonage until it is accepted. Time passes on the given clock.
 *
 * @param make makes it at a time, in seconds since the epoch
 */
export async function deliver(
  make: (now: number) => OutgoingRequest,
  clock: Clock,
): Promise<readonly Reply[]> {
  const started = clock.ticks();
  const replies: Reply[] = [];
  for (let pause = FIRST_PAUSE_SECONDS; ; pause = Math.min(LONGEST_PAUSE_SECONDS, pause * 2)) {
    const reply = await post(make(Math.floor(clock.now())));
    replies.push(reply);
    const isOver = clock.ticks() - started >= GIVEN_UP_AFTER_SECONDS * 1000;
    if ((reply.status !== 429 && reply.status < 500) || isOver) return replies;
    await clock.sleep(pause * 1000);
  }
}

export const newProject = () => ({
  apiKey: String(40_000_000 + randomBytes(3).readUIntBE(0, 3)),
  applicationId: randomUUID() as string | undefined,
});

/** The two environments of Vonage Video, by the reason that they give when a service of theirs fails. */
export const disruptionReasons = { unified: 'forceDisconnected', OpenTok: 'Internal server failure' };

/** What each kind sends when a service of Vonage fails. The Experience Composer is not in the list that Vonage publishes. */
export const disruptedStates = {
  'session-monitoring': { event: 'sessionDestroyed' },
  archive: { status: 'failed', url: null },
  sip: { event: 'callDestroyed' },
  broadcast: { status: 'failed' },
  captions: { status: 'failed' },
} satisfies { readonly [Kind in VonageKind]?: Record<string, unknown> };

/** One body of each kind, as in the published samples. Broadcast and captions have none. Times in milliseconds. */
export function sampleBody(kind: VonageKind, change: Record<string, unknown> = {}): string {
  const [sessionId, id, now] = [`1_${randomUUID()}`, randomUUID(), Date.now()];
  const bodies: Record<VonageKind, Record<string, unknown>> = {
    'session-monitoring': {
      sessionId,
      projectId: '123456',
      event: 'connectionCreated',
      timestamp: now,
      connection: { id, createdAt: now, data: 'TOKENDATA' },
    },
    archive: {
      id,
      event: 'archive',
      createdAt: now,
      duration: 328,
      name: 'Foo',
      partnerId: 123456,
      reason: '',
      resolution: '640x480',
      sessionId,
      size: 18023312,
      status: 'available',
      url: 'https://example.com/archive.mp4',
    },
    sip: {
      sessionId,
      projectId: '123456',
      event: 'callCreated',
      timestamp: now,
      call: { id, connectionId: id, createdAt: now },
    },
    'experience-composer': { id, sessionId, streamId: id, status: 'started' },
    broadcast: { id, sessionId, status: 'started' },
    captions: { id, sessionId, status: 'started' },
  };
  return JSON.stringify({ ...bodies[kind], ...change });
}

/** A body of a kind in one of its states. */
export function stateBody(kind: VonageKind, state: string): string {
  if (kind === 'session-monitoring' || kind === 'sip') {
    // A body of session monitoring has what its event is about: a connection, a stream or the session alone.
    const id = randomUUID();
    const stream = { id, connection: { id }, createdAt: Date.now(), name: 'Foo', videoType: 'camera' };
    const isOfConnection = kind === 'sip' || state.startsWith('connection');
    return sampleBody(kind, {
      event: state,
      ...(!isOfConnection && { connection: undefined }),
      ...(state.startsWith('stream') && { stream }),
    });
  }
  return sampleBody(kind, {
    status: state,
    ...(kind === 'archive' && state !== 'available' && { url: null }),
  });
}
