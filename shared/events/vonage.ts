/** The kinds of Vonage Video callbacks, as in the route: nothing in a body tells them apart. */
export const vonageKinds = [
  'session-monitoring',
  'archive',
  'sip',
  'experience-composer',
  'broadcast',
  'captions',
] as const;

export type VonageKind = (typeof vonageKinds)[number];

/**
 * The body of each kind. Times are milliseconds since the epoch unless noted. Members that are not listed here are passed
 * on as well, and a state may be newer than this list. The unified environment and the OpenTok environment send the same
 * members, as far as Vonage documents them; their `reason` texts differ.
 * https://developer.vonage.com/en/video/guides/callbacks
 */
export type VonageEvents = {
  'session-monitoring': {
    readonly sessionId?: string;
    readonly projectId?: string;
    readonly event: KnownState<'session-monitoring'> | Newer;
    readonly timestamp?: number;
    readonly reason?: VonageReason;
    readonly connection?: { readonly id?: string; readonly createdAt?: number; readonly data?: string };
    readonly stream?: {
      readonly id?: string;
      readonly connection?: { readonly id?: string };
      readonly createdAt?: number;
      readonly name?: string;
      readonly videoType?: string;
    };
  };
  archive: {
    readonly id?: string;
    readonly status: KnownState<'archive'> | Newer;
    readonly event?: string;
    readonly createdAt?: number;
    /** Seconds. */
    readonly duration?: number;
    readonly name?: string;
    readonly reason?: VonageReason;
    readonly resolution?: string;
    readonly sessionId?: string;
    /** Bytes. */
    readonly size?: number;
    readonly url?: string | null;
  };
  sip: {
    readonly sessionId?: string;
    readonly projectId?: string;
    readonly event: KnownState<'sip'> | Newer;
    readonly timestamp?: number;
    readonly call?: { readonly id?: string; readonly connectionId?: string; readonly createdAt?: number };
    readonly state?: string;
    readonly reason?: VonageReason;
    readonly reason_code?: string | number;
    readonly reason_message?: string;
  };
  'experience-composer': {
    readonly id?: string;
    readonly sessionId?: string;
    readonly streamId?: string;
    readonly status: KnownState<'experience-composer'> | Newer;
    readonly reason?: string;
  };
  broadcast: {
    readonly id?: string;
    readonly sessionId?: string;
    readonly status: KnownState<'broadcast'> | Newer;
    readonly reason?: VonageReason;
  };
  captions: {
    readonly id?: string;
    readonly sessionId?: string;
    readonly status: KnownState<'captions'> | Newer;
    readonly reason?: VonageReason;
  };
};

/**
 * Why something ended. Where a service of Vonage failed, the unified environment writes `forceDisconnected`, as it does when
 * a moderator disconnects somebody, and the OpenTok environment `Internal server failure`. `serverRotation` announces in a
 * `sessionNotification` that the session has to move. Other texts are possible: recover from every end that you did not
 * cause. https://developer.vonage.com/en/video/guides/service-disruption-callbacks
 */
export type VonageReason = 'forceDisconnected' | 'Internal server failure' | 'serverRotation' | Newer;

/**
 * What a callback of a kind is about: its event, or where it has none its status. Of broadcasts and captions only the state
 * of a service disruption is published.
 */
export const vonageStates = {
  'session-monitoring': [
    'connectionCreated',
    'connectionDestroyed',
    'streamCreated',
    'streamDestroyed',
    'sessionCreated',
    'sessionDestroyed',
    'sessionNotification',
  ],
  archive: ['started', 'paused', 'stopped', 'uploaded', 'available', 'expired', 'failed', 'deleted'],
  sip: ['callCreated', 'callUpdated', 'callDestroyed', 'muteForced'],
  'experience-composer': ['starting', 'started', 'stopped', 'failed'],
  broadcast: ['failed'],
  captions: ['failed'],
} as const satisfies Readonly<Record<VonageKind, readonly string[]>>;

type KnownState<Kind extends VonageKind> = (typeof vonageStates)[Kind][number];
/** The known states of a kind, or any text where not all are published. */
export type VonageStates = {
  readonly [Kind in VonageKind]: Kind extends 'broadcast' | 'captions' ? string : KnownState<Kind>;
};

type Newer = string & {};

export type VonageEvent<Kind extends VonageKind = VonageKind> = VonageEvents[Kind] &
  Readonly<Record<string, unknown>>;
