import { callAutomation } from '../../../shared/providers/call-automation.ts';
import { eventGrid } from '../../../shared/providers/event-grid/index.ts';
import type { Reason } from '../../../shared/reasons.ts';
import { inspectSettings } from '../../../shared/settings/settings.ts';
import type { Settings } from '../../../shared/settings/settings.ts';
import type { Environment } from '../../../shared/settings/table.ts';
import { everySender } from '../../../local/senders.ts';
import type { Seen, Span, Tally } from './tally.ts';

/** With fewer genuine tokens the advice is not reliable. */
const ENOUGH_TOKENS = 100;

/** What genuine tokens carried, and which settings to tighten because of it. */
export function adviceOn(tally: Tally, environment: Environment): string {
  const { settings } = inspectSettings(environment);
  const { deliveries, accepted, senders } = tally;
  if (deliveries === 0)
    return 'There is no delivery line in this log: see docs/telemetry.md for what one looks like.';
  if (accepted > 0 && senders.size === 0)
    return `${deliveries} deliveries, ${accepted} accepted. No entry describes its token: set DELIVERY_LOG to full, and let the app run for a while.`;
  const tokensSeen = [...senders].flatMap(([sender, seen]) => ['', ...tokenLines(sender, seen)]);
  const advice = [
    ...callAdvice(tally, settings),
    ...roleAdvice(tally, settings),
    ...clockTolerance([...senders.values()], settings),
    ...addressAdvice(tally, settings),
  ];
  const tokens = senders.get(callAutomation.name)?.tokens ?? 0;
  const few =
    tokens < ENOUGH_TOKENS
      ? [`  (of ${tokens} tokens of Call Automation; wait for ${ENOUGH_TOKENS} or more)`]
      : [];
  return [
    `${deliveries} deliveries, ${accepted} accepted.`,
    ...tokensSeen,
    '',
    'What to do',
    ...few,
    ...advice.map((line) => `  ${line}`),
  ].join('\n');
}

function tokenLines(sender: string, { tokens, claims, life, age, expiresIn }: Seen): string[] {
  const names = [...claims].sort(([one], [other]) => one.localeCompare(other));
  return [
    `Genuine tokens of ${sender}: ${tokens}`,
    ...names.map(
      ([name, times]) => `  ${name.padEnd(24)}${times === tokens ? 'always' : `${times} of ${tokens}`}`,
    ),
    ...spanLine('from iat or nbf to exp', life),
    ...spanLine('from iat to arrival', age),
    ...spanLine('from arrival to exp', expiresIn),
  ];
}

function spanLine(what: string, { least, most }: Span): string[] {
  if (least > most) return [];
  return [`  ${what.padEnd(24)}${least === most ? `${least} s` : `${least} to ${most} s`}`];
}

/** Advice about settings of Call Automation: Microsoft documents no genuine token of it. */
function callAdvice({ senders, reported, refused }: Tally, settings: Settings): string[] {
  const seen = senders.get(callAutomation.name);
  if (!seen) return ['Nothing about Call Automation: no token of it was accepted in this log.'];
  return [
    tokenReuse(seen, reported, settings),
    enforceOrNot('CALL_BINDING', 'reference-of-another-call', settings.CALL_BINDING, seen.tokens, reported),
    tokenLife(seen, refused, settings),
  ];
}

/** Advice about the app role in Entra tokens of Event Grid: one real delivery without it is known. */
function roleAdvice({ senders, reported }: Tally, settings: Settings): string[] {
  const tokens = senders.get(eventGrid.name)?.tokens ?? 0;
  if (tokens === 0) return [];
  return [enforceOrNot('EVENT_GRID_ROLE', 'token-role', settings.EVENT_GRID_ROLE, tokens, reported)];
}

function tokenReuse(seen: Seen, reported: Tally['reported'], settings: Settings): string {
  const areUnique = seen.claims.get('jti') === seen.tokens && !reported.has('token-reused');
  if (areUnique && settings.TOKEN_REUSE === 'report') {
    return 'TOKEN_REUSE: every token has a jti, so no two genuine ones are equal; set it to enforce.';
  }
  return enforceOrNot('TOKEN_REUSE', 'token-reused', settings.TOKEN_REUSE, seen.tokens, reported);
}

function enforceOrNot(
  name: string,
  reason: Reason,
  now: 'report' | 'enforce',
  of: number,
  reported: Tally['reported'],
): string {
  if (now === 'enforce') return `${name}: enforced already.`;
  const times = reported.get(reason) ?? 0;
  return times === 0
    ? `${name}=enforce: of ${of} genuine deliveries it would have refused none.`
    : `${name}: leave it at report; enforce would have refused ${times} genuine deliveries (${reason}).`;
}

function tokenLife({ life, expiresIn }: Seen, refused: Tally['refused'], settings: Settings): string {
  const name = 'CALLBACK_TOKEN_LIFE_SECONDS';
  const now = settings.CALLBACK_TOKEN_LIFE_SECONDS;
  const tooLong = refused.get('token-life-too-long') ?? 0;
  const longest = Math.max(life.most, expiresIn.most);
  if (tooLong > 0) {
    return `${name}: ${tooLong} deliveries were refused as token-life-too-long. Tokens of media live a day; if these were events of your calls, raise it above ${now}.`;
  }
  const enough = Math.ceil(longest / 30) * 30;
  if (enough < now) return `${name}=${enough}: no token lived longer than ${longest} s; it is ${now} now.`;
  return `${name}: ${now} fits; the longest life seen is ${longest} s.`;
}

/** The smallest tolerance that accepts every token seen: some came from the future, or had expired. */
function clockTolerance(seen: readonly Seen[], settings: Settings): string[] {
  const apart = seen.flatMap(({ age, expiresIn }) => [-age.least, -expiresIn.least]).filter(Number.isFinite);
  if (apart.length === 0) return [];
  const needed = Math.max(0, ...apart);
  const now = settings.CLOCK_TOLERANCE_SECONDS;
  const enough = needed * 2 + 10;
  return enough < now
    ? [`CLOCK_TOLERANCE_SECONDS=${enough}: ${needed} s were needed; it is ${now} now.`]
    : [`CLOCK_TOLERANCE_SECONDS: leave it at ${now}; ${needed} s were needed.`];
}

function addressAdvice({ senders, reported }: Tally, settings: Settings): string[] {
  const name = 'SOURCE_ADDRESSES';
  const mode = settings.SOURCE_ADDRESSES;
  const of = addressedSenders().reduce((sum, sender) => sum + (senders.get(sender)?.tokens ?? 0), 0);
  if (of === 0) return [];
  if (mode === 'off') return [`${name}=report: it is off, so this log says nothing about addresses.`];
  if (mode === 'enforce') return [`${name}: enforced already.`];
  const unknown = reported.get('source-address-unknown') ?? 0;
  const foreign = reported.get('source-address-foreign') ?? 0;
  if (unknown > 0) {
    return [
      `${name}: leave it at report; ${unknown} genuine deliveries had no usable address. TRUSTED_PROXY_HOPS may not fit.`,
    ];
  }
  if (foreign > 0) {
    return [
      `${name}: leave it at report; ${foreign} genuine deliveries came from outside the ranges. SOURCE_ADDRESS_RANGES adds to them, TRUSTED_PROXY_HOPS says how many proxies are yours.`,
    ];
  }
  return [`${name}=enforce: of ${of} genuine deliveries it would have refused none.`];
}

/** The senders whose source address is checked. */
const addressedSenders = () =>
  everySender()
    .filter(({ endpoints }) =>
      endpoints.some(({ checks }) => checks.some(({ name }) => name === 'source-address')),
    )
    .map(({ provider }) => provider.name);
