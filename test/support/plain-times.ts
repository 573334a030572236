/**
 * Claims with their times as jose takes them: an optional one that is null or empty is left out, and an `iat` in digits
 * is a number.
 */
export function plainTimes(claims: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const plain = { ...claims };
  for (const name of ['exp', 'nbf', 'iat'])
    if (plain[name] === null || plain[name] === '') delete plain[name];
  const { iat } = plain;
  if (typeof iat === 'string' && /^\d+$/.test(iat)) plain['iat'] = Number(iat);
  return plain;
}
