import fc from 'fast-check';

/** Text of any UTF-16 code units, half surrogate pairs among them. */
export const anyText = (constraints: { minLength?: number; maxLength?: number } = {}) =>
  fc
    .array(fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff })), constraints)
    .map((units) => String.fromCharCode(...units));
