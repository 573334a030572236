import type { DeliveryLog } from './delivery-record.ts';
import { loggedType } from './event-types.ts';
import { redact } from './redact.ts';

/** What we need of the platform's logger: the `InvocationContext` of `@azure/functions` is one. */
export type Logger = {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
};

/** Writes the lines of a delivery to the log of its invocation: one line of JSON each, but for what handlers write. */
export function invocationLog(logger: Logger): DeliveryLog {
  return {
    delivery: (level, line) => logger[level](JSON.stringify(line)),
    handler: (message) => logger.info(message),
    handlerThrew: (eventType, thrown) => {
      logger.error(
        JSON.stringify({
          ringward: 'handler-threw',
          eventType: loggedType(eventType),
          error: redact(told(thrown)),
        }),
      );
    },
  };
}

/** JavaScript lets anything be thrown, and not everything can be told. */
function told(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return String(thrown);
    return isOfSdk(thrown) ? withoutWords(thrown) : String(thrown.stack ?? thrown.message);
  } catch {
    return 'something that cannot be told';
  }
}

/** An error of an Azure SDK about a request: a `RestError`, or another that has the status of an answer. */
type SdkError = Error & { readonly code?: unknown; readonly statusCode?: unknown };

const isOfSdk = (error: SdkError): error is SdkError =>
  error.name === 'RestError' || typeof error.statusCode === 'number';

/**
 * What a service says in words can quote the request: whom it called, with what. So its name, its codes and the places
 * in our own code are told, and nothing else of it.
 */
function withoutWords({ name, code, statusCode, stack = '' }: SdkError): string {
  const codes = [name, code, statusCode].filter((one) => CODE.test(String(one ?? '')));
  const places = stack.split('\n').filter((line) => PLACE.test(line) && !line.includes('node_modules'));
  return [codes.join(' '), ...places].join('\n');
}

const CODE = /^\w{1,64}$/;
/** A line of a stack in a file, such as `    at answer (file:///app/handlers/calls.ts:7:11)`. */
const PLACE = /^ {4}at (?:[\w.<> [\]]+ \()?(?:file:\/\/|\/|[A-Z]:\\)[^\s()?]+:\d+:\d+\)?$/;
