import type { OutageReason, Reason } from '../../shared/reasons.ts';
import type { OutgoingRequest } from '../http/request.ts';
import type { Target } from '../target.ts';

/** A genuine request, which the app accepts as it is. A provider adds what its forgeries need to sign. */
export type Genuine = { readonly request: OutgoingRequest };

/** One change to a genuine request. The app must refuse the result. */
export type Forgery<From extends Genuine = Genuine> = {
  /** Unique among all providers. `npm run send -- --forge` and the tests use it. */
  readonly name: string;
  readonly expected: { readonly status: 400 | 401 | 413; readonly reason: Reason };
  /** What is wrong with it, where the reason says too little. */
  readonly because?: string;
  /** The other correct verdict, depending on when the forgery arrives. */
  readonly alternatively?: { readonly status: 503; readonly reason: OutageReason };
  /** Whether the genuine request is delivered before its forgery. */
  readonly afterGenuine?: true;
  forge(genuine: From): OutgoingRequest;
};

/** Forgeries of one thing, made from one kind of genuine request. */
export type ForgeryFamily<From extends Genuine = Genuine> = {
  readonly name: string;
  /** A new genuine request, for an event that the app has not seen: a forgery must not pass for a repeat. */
  genuine(target: Target): Promise<From>;
  readonly members: readonly Forgery<From>[];
};

export function forgeryFamilies<From extends Genuine>(
  genuine: ForgeryFamily<From>['genuine'],
  families: Readonly<Record<string, readonly Forgery<From>[]>>,
): readonly ForgeryFamily<From>[] {
  return Object.entries(families).map(([name, members]) => ({ name, genuine, members }));
}

/**
 * The same forgeries for a sender whose secrets are known, without a target.
 *
 * @param isRefused whether an app with these secrets refuses it
 */
export function forgeriesOf<From extends Genuine>(
  families: Readonly<Record<string, readonly Forgery<From>[]>>,
  genuine: (baseUrl: string) => From,
  isRefused: (name: string) => boolean = () => true,
): readonly ForgeryToSend[] {
  return Object.entries(families).flatMap(([family, members]) =>
    members
      .filter(({ name }) => isRefused(name))
      .map(({ name, expected, forge }) => ({
        family,
        name,
        expected,
        make: (baseUrl: string) => forge(genuine(baseUrl)),
      })),
  );
}

/** A forgery, ready to be made for a base URL. */
export type ForgeryToSend = Pick<Forgery, 'name' | 'expected'> & {
  readonly family: string;
  make(baseUrl: string): OutgoingRequest;
};

/** A forgery that the app refuses with 401. */
export function forgery<From extends Genuine>(
  name: string,
  reason: Reason,
  forge: Forgery<From>['forge'],
): Forgery<From> {
  return { name, expected: { status: 401, reason }, forge };
}

/** Whether an answer is correct for a forgery. */
export const isExpected = (
  { expected, alternatively }: Pick<Forgery, 'expected' | 'alternatively'>,
  answer: { readonly status: number; readonly reason?: unknown },
): boolean =>
  [expected, alternatively].some((one) => one?.status === answer.status && one.reason === answer.reason);

export function withHeaders(
  { request }: Genuine,
  change: (token: string) => readonly (readonly [string, string])[],
): OutgoingRequest {
  const others = request.headers.filter(([name]) => name !== 'authorization');
  const [, authorization = ''] = request.headers.find(([name]) => name === 'authorization') ?? [];
  return { ...request, headers: [...others, ...change(authorization.replace(/^Bearer /, ''))] };
}

export function withToken(genuine: Genuine, token: string): OutgoingRequest {
  return withHeaders(genuine, () => [['authorization', `Bearer ${token}`]]);
}

export function withQuery({ request }: Genuine, change: (query: URLSearchParams) => void): OutgoingRequest {
  const url = new URL(request.url);
  change(url.searchParams);
  return { ...request, url: url.href };
}
