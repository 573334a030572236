import { hash } from 'node:crypto';

/**
 * What names a call. Events and answers of the service have all three ids or some. A call is the same if one of its ids is: a
 * recorder has a connection of its own in the call that it records.
 */
export type CallIds = {
  readonly callConnectionId?: unknown;
  readonly serverCallId?: unknown;
  readonly correlationId?: unknown;
};

/** The ids as one value for the ledger: in this order, separated by a blank. Empty where there is none. */
export const callIdentity = ({ callConnectionId, serverCallId, correlationId }: CallIds): string =>
  [callConnectionId, serverCallId, correlationId].map(boundedId).join(' ').trimEnd();

/** Whether two identities are those of one call. An id counts only against the id of the same kind. */
export function isSameCall(one: string, other: string): boolean {
  const others = other.split(' ');
  return one.split(' ').some((id, index) => id !== '' && id === others[index]);
}

/** The `callConnectionId` of an identity, or an empty text. */
export const connectionOf = (identity: string): string => identity.split(' ', 1)[0] ?? '';

/** Every genuine id has this form. */
const ID_FORM = /^[\x21-\x7e]{1,256}$/;

/** The ledger takes no value of any length, nor half a character: such an id must not make it fail for everybody. */
function boundedId(id: unknown): string {
  if (typeof id !== 'string' || id === '') return '';
  return ID_FORM.test(id) ? id : hash('sha256', Buffer.from(id, 'utf16le'), 'base64url');
}
