const rules = new Intl.PluralRules('en', { type: 'ordinal' });
const endings: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };

/** 1st, 2nd, 3rd, 4th: which of several values is meant, where the value itself may be a secret in the wrong place. */
export const ordinal = (position: number) => `${position}${endings[rules.select(position)] ?? 'th'}`;
