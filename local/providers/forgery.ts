import type { Reason } from '../../shared/reasons.ts';
import type { Purpose } from '../../shared/verification/callback-key.ts';
import type { OutgoingRequest } from '../http/request.ts';
import type { Acs } from './call-automation/acs.ts';
import type { Entra } from './event-grid/entra.ts';
import { rs256 } from '../fakes/token.ts';
import type { Part } from '../fakes/token.ts';

/** What a forger starts from: a genuine request that is accepted as it is, and who made it. */
export type Genuine = {
  readonly request: OutgoingRequest;
  readonly acs: Acs;
  /** Signs a callback key with the app's own secret, or with another. */
  readonly mintKey: (options?: {
    readonly purpose?: Purpose;
    /** Seconds from now. */
    readonly expiresIn?: number;
    readonly secret?: string;
  }) => string;
};

/** The same on the incoming-call route, which Event Grid calls. */
export type GenuineIncoming = {
  readonly request: OutgoingRequest;
  readonly acs: Acs;
  readonly entra: Entra;
  /** The audience of Event Grid's tokens. */
  readonly audience: string;
};

export type Forgery<Start = Genuine> = {
  /** What `npm run send -- --forge` and the tests call it. */
  readonly name: string;
  readonly expected: { readonly status: 400 | 401 | 413; readonly reason: Reason };
  /** Answered only after the issuer or the vault was asked again, which can take ten seconds. */
  readonly waits?: true;
  /** Whether the genuine request has to be delivered before the forgery of it. */
  readonly afterGenuine?: true;
  readonly forge: (genuine: Start) => OutgoingRequest;
};

/** A forgery that is refused with 401. */
export function forgery<Start = Genuine>(
  name: string,
  reason: Reason,
  forge: Forgery<Start>['forge'],
): Forgery<Start> {
  return { name, expected: { status: 401, reason }, forge };
}

export function withHeaders(
  { request }: Pick<Genuine, 'request'>,
  change: (token: string) => readonly (readonly [string, string])[],
): OutgoingRequest {
  const others = request.headers.filter(([name]) => name !== 'authorization');
  const [, authorization = ''] = request.headers.find(([name]) => name === 'authorization') ?? [];
  return { ...request, headers: [...others, ...change(authorization.replace(/^Bearer /, ''))] };
}

export function withToken(genuine: Pick<Genuine, 'request'>, token: string): OutgoingRequest {
  return withHeaders(genuine, () => [['authorization', `Bearer ${token}`]]);
}

/** Genuinely signed by the issuer, but with another header or other claims than it ever writes. */
export function signed(genuine: Genuine, change: { header?: Part; claims?: Part }): OutgoingRequest {
  const { acs } = genuine;
  return withToken(
    genuine,
    rs256(merged(acs.header(), change.header), merged(acs.claims(), change.claims), acs.signingKey()),
  );
}

/** A member that is `undefined` in the change is left out. Text stands for the whole part. */
function merged(part: Record<string, unknown>, change: Part = {}): Part {
  return typeof change === 'string' ? change : { ...part, ...change };
}

export function withQuery(
  genuine: Pick<Genuine, 'request'>,
  change: (query: URLSearchParams) => void,
): OutgoingRequest {
  const url = new URL(genuine.request.url);
  change(url.searchParams);
  return { ...genuine.request, url: url.href };
}
