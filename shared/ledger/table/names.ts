import { createHash } from 'node:crypto';

/**
 * The name of a row or a partition for any text: the service takes no slash and no question mark, nor more than a
 * kibibyte. As a hash it also spreads the partitions evenly, however much the texts have in common.
 */
export const nameOf = (kind: 'claims' | 'claim' | 'binding', text: string) =>
  `${kind}-${createHash('sha256').update(text).digest('base64url')}`;
