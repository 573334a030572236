import type { HandlerContext } from './context.ts';

/** The events of LiveKit that are known. A newer one goes to `otherwise`. */
export const livekitEvents = [
  'room_started',
  'room_finished',
  'participant_joined',
  'participant_left',
  'participant_connection_aborted',
  'track_published',
  'track_unpublished',
  'egress_started',
  'egress_updated',
  'egress_ended',
  'ingress_started',
  'ingress_ended',
  'agent_job_started',
  'agent_job_ended',
] as const;

export type LiveKitEventName = (typeof livekitEvents)[number];

/**
 * A webhook of LiveKit: the JSON form of a protocol buffer. So 64-bit numbers are text, an enum is its name, and a member
 * that has its default is left out. Members that are not listed here are passed on as well.
 * https://docs.livekit.io/server/webhooks/
 */
export type LiveKitEvent<Name extends string = string> = {
  readonly event: Name;
  /** The same for every attempt at this event. */
  readonly id: string;
  /** Seconds since the epoch. */
  readonly createdAt?: string;
} & MembersOf<Name> &
  Readonly<Record<string, unknown>>;

type MembersOf<Name extends string> = Name extends `room_${string}`
  ? { readonly room?: LiveKitRoom }
  : Name extends `participant_${string}`
    ? { readonly room?: LiveKitRoom; readonly participant?: LiveKitParticipant }
    : Name extends `track_${string}`
      ? {
          readonly room?: LiveKitRoom;
          readonly participant?: LiveKitParticipant;
          readonly track?: LiveKitTrack;
        }
      : Name extends `egress_${string}`
        ? { readonly egressInfo?: LiveKitEgress }
        : Name extends `ingress_${string}`
          ? { readonly ingressInfo?: LiveKitIngress }
          : unknown;

type Members = Readonly<Record<string, unknown>>;

export type LiveKitRoom = Members & {
  /** Of this session of the room; the next one has another. */
  readonly sid?: string;
  readonly name?: string;
  readonly metadata?: string;
  /** Seconds since the epoch. */
  readonly creationTime?: string;
  readonly numParticipants?: number;
};

export type LiveKitParticipant = Members & {
  readonly sid?: string;
  readonly identity?: string;
  readonly name?: string;
  readonly state?: string;
  readonly metadata?: string;
  readonly disconnectReason?: string;
};

export type LiveKitTrack = Members & {
  readonly sid?: string;
  readonly type?: string;
  readonly source?: string;
  readonly mimeType?: string;
};

export type LiveKitEgress = Members & {
  readonly egressId?: string;
  readonly roomId?: string;
  readonly roomName?: string;
  readonly status?: string;
  readonly error?: string;
};

export type LiveKitIngress = Members & {
  readonly ingressId?: string;
  readonly name?: string;
  readonly state?: Members & { readonly status?: string; readonly roomId?: string };
};

type Handler<Name extends string> = (event: LiveKitEvent<Name>, context: HandlerContext) => unknown;

/**
 * What `handlers/livekit.ts` exports as `livekit`: one function for each event that you need, and `otherwise` for the rest.
 * In the context, `reference` is the session id (`sid`) of the room.
 */
export type LiveKitHandlers = {
  readonly [Name in LiveKitEventName]?: Handler<Name>;
} & { readonly otherwise?: Handler<string> };
