type Check = (value: string) => boolean;

const whole = /^[+-]?\d+$/;
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)$/;

/** ASP.NET Core's inline route constraints: the ones a route of a webhook or of a small API is likely to name. */
const constraints: Record<string, (argument: string) => Check> = {
  alpha: () => (value) => /^[a-z]*$/i.test(value),
  bool: () => (value) => /^(true|false)$/i.test(value),
  decimal: () => (value) => decimal.test(value),
  double: () => (value) => decimal.test(value),
  float: () => (value) => decimal.test(value),
  guid: () => (value) => /^\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i.test(value),
  int: () => (value) => whole.test(value) && inRange(value, -(2n ** 31n), 2n ** 31n - 1n),
  long: () => (value) => whole.test(value) && inRange(value, -(2n ** 63n), 2n ** 63n - 1n),
  min: (argument) => {
    const [least] = integers(argument, 1);
    return (value) => whole.test(value) && BigInt(value) >= least;
  },
  max: (argument) => {
    const [most] = integers(argument, 1);
    return (value) => whole.test(value) && BigInt(value) <= most;
  },
  range: (argument) => {
    const [least, most] = integers(argument, 2);
    return (value) => whole.test(value) && inRange(value, least, most);
  },
  minlength: (argument) => {
    const [least] = integers(argument, 1);
    return (value) => value.length >= least;
  },
  maxlength: (argument) => {
    const [most] = integers(argument, 1);
    return (value) => value.length <= most;
  },
  length: (argument) => {
    const [least, most] = integers(argument.includes(',') ? argument : `${argument},${argument}`, 2);
    return (value) => value.length >= least && value.length <= most;
  },
  regex: (pattern) => {
    const expression = new RegExp(pattern, 'i');
    return (value) => expression.test(value);
  },
  required: () => (value) => value !== '',
};

/** @throws SyntaxError for anything but that many integers joined by commas. */
function integers(argument: string, count: 1 | 2): [bigint, bigint] {
  const parts = argument.split(',');
  if (parts.length !== count || parts.includes('')) throw new SyntaxError(argument);
  const [first = 0n, second = 0n] = parts.map((part) => BigInt(part));
  return [first, second];
}

function inRange(value: string, least: bigint, most: bigint): boolean {
  const number = BigInt(value);
  return number >= least && number <= most;
}

/**
 * The check that an inline constraint such as `int` or `length(1,8)` stands for, or undefined for one that is not
 * known here.
 * @throws when its argument is unusable.
 */
export function constraint(text: string): Check | undefined {
  const [, name = '', argument = ''] = /^(\w+)(?:\((.*)\))?$/s.exec(text) ?? [];
  const make = constraints[name.toLowerCase()];
  return make?.(argument);
}
