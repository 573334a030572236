import { DELIVERY_HEADER, post } from './http/request.ts';
import type { CallerShown } from './inspector/contract.ts';
import { callAutomation } from './providers/call-automation/index.ts';
import { CallerError } from './providers/call-automation/service/recognition.ts';
import type { Line, UserCaller } from './providers/call-automation/service/user-caller.ts';
import { ringingCall } from './providers/event-grid/index.ts';
import type { Target } from './target.ts';

type Action = {
  /** What stands behind the name, if anything. */
  readonly argument?: string;
  readonly does: string;
  /** Absent where it makes a caller of its own. */
  readonly act?: (caller: UserCaller, argument: string) => void;
};

/** Everything that the fake caller can do, by the words that the user types. */
export const callerActions: Readonly<Record<string, Action>> = {
  call: { does: 'calls your app' },
  press: {
    argument: '<keys>',
    does: 'presses keys of the phone: press 1, press 12#',
    act: (caller, keys) => caller.press(keys),
  },
  say: {
    argument: '<text>',
    does: 'says something: say sales',
    act: (caller, text) => caller.say(text),
  },
  silent: {
    does: 'stays silent until the timeout of what the app asked for',
    act: (caller) => caller.silent(),
  },
  'hang up': { does: 'ends the call', act: (caller) => caller.hangUp() },
  'transfer succeeds': {
    does: 'the target of a transfer takes the call',
    act: (caller) => caller.transfer('succeeds'),
  },
  'transfer fails': {
    does: 'the target of a transfer declines the call',
    act: (caller) => caller.transfer('fails'),
  },
};

/** One line for each action, such as `press <keys>       presses keys of the phone`. */
export const callerHelp = (): string =>
  Object.entries(callerActions)
    .map(([name, { argument, does }]) => `  ${[name, argument].filter(Boolean).join(' ').padEnd(20)}${does}`)
    .join('\n');

/** @throws CallerError where the line is no action */
function parsed(line: string): { readonly act: Action['act']; readonly argument: string } {
  const words = line.trim().replaceAll(/\s+/g, ' ');
  for (const [name, { argument, act }] of Object.entries(callerActions)) {
    if (argument === undefined && words.toLowerCase() === name) return { act, argument: '' };
    if (argument !== undefined && words.toLowerCase().startsWith(`${name} `))
      return { act, argument: words.slice(name.length + 1) };
  }
  const known = Object.entries(callerActions).map(([name, { argument = '' }]) =>
    `${name} ${argument}`.trim(),
  );
  throw new CallerError(`The caller can do this: ${known.join(', ')}.`);
}

/** Calls that the page shows after their end. */
const SHOWN_OVER = 20;

const isOver = (caller: UserCaller) => caller.notices().state === 'over';

/**
 * The fake callers that the user drives: from the page, the terminal, `npm run send` and tests.
 *
 * @param timesOut whether a caller's silence ends a recognition by itself
 */
export function fakeCallers({ cloud, baseUrl }: Target, { timesOut }: { timesOut: boolean }) {
  const { service } = cloud.of(callAutomation);

  const shown = (caller: UserCaller): CallerShown => ({
    number: service.callers().indexOf(caller) + 1,
    placedAt: caller.placedAt,
    names: caller.names(),
    ...caller.notices(),
  });

  function callerOf(name: string | undefined): UserCaller {
    const callers = service.callers();
    const caller =
      name === undefined
        ? callers.findLast((one) => !isOver(one))
        : callers.find((one) => Object.values(one.names()).includes(name));
    if (caller) return caller;
    throw new CallerError(
      name === undefined
        ? 'No call that you placed goes on. Place one: call'
        : 'You did not place this call: it answers by itself. Place one: call',
    );
  }

  async function place(line: Line): Promise<UserCaller> {
    const caller = service.userCall({ timesOut });
    caller.turn(line);
    const reply = await post(ringingCall(cloud, baseUrl, caller.incoming)).catch(() => undefined);
    if (reply?.status === 200) return caller;
    // A handler may have answered it and then thrown.
    if (!isOver(caller) && !caller.names().callConnectionId) caller.hangUp('the app did not answer');
    const delivery = reply?.headers[DELIVERY_HEADER];
    const where = delivery ? ` Delivery ${delivery.toString()} on the page says why.` : '';
    throw new CallerError(`The app answered the incoming call with ${reply?.status ?? 'nothing'}.${where}`);
  }

  async function settled(caller: UserCaller): Promise<CallerShown> {
    await service.idle();
    return shown(caller);
  }

  return {
    /**
     * Does what the line says, such as `press 1`, and waits until the app has handled its events.
     *
     * @param by who says so
     * @param call a name of the call; by default the newest that goes on
     * @throws CallerError where the line is no action, or is not possible now
     */
    async act(line: string, by: Line['by'], call?: string): Promise<CallerShown> {
      const { act, argument } = parsed(line);
      if (!act) return settled(await place({ by, text: line }));
      const caller = callerOf(call);
      caller.turn({ by, text: line });
      act(caller, argument);
      return settled(caller);
    },
    /** Those that go on, and the latest that are over; the newest last. */
    list: (): readonly CallerShown[] =>
      service
        .callers()
        .filter((caller, index, { length }) => !isOver(caller) || index >= length - SHOWN_OVER)
        .map(shown),
    /** Calls the listener when what a caller notices may have changed, and with each line of a call. */
    onChange: (listener: (caller: CallerShown, line?: Line) => void) =>
      service.onCaller((caller, line) => listener(shown(caller), line)),
  };
}

export type FakeCallers = ReturnType<typeof fakeCallers>;
