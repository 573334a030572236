/** What one check found. Holds nothing secret. */
export type Finding = {
  readonly check: string;
  readonly outcome: 'well' | 'warning' | 'fault';
  readonly found: string;
  /** What to do about it. */
  readonly mend?: string;
};

export const well = (check: string, found: string): Finding => ({ check, outcome: 'well', found });
export const warning = (check: string, found: string, mend: string): Finding => ({
  check,
  outcome: 'warning',
  found,
  mend,
});
export const fault = (check: string, found: string, mend: string): Finding => ({
  check,
  outcome: 'fault',
  found,
  mend,
});
