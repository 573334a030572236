import type { Identifier } from '../../../../shared/events/call-automation.ts';
import { LOOPBACK } from '../../../http/loopback.ts';
import type { IncomingCallData } from './incoming-call.ts';
import type { LiveCall, NewCall } from './live-call.ts';
import type { Recording } from './recordings.ts';

/** What an operation finds: the calls that ring, those that are on, and the recordings. */
export type Service = {
  readonly calls: Map<string, LiveCall>;
  /** By incomingCallContext; undefined once somebody answered, or nobody can any more. */
  readonly ringing: Map<string, IncomingCallData | undefined>;
  readonly recordings: Map<string, Recording>;
  readonly open: (call: NewCall) => LiveCall;
  /** What the called party presses next. */
  readonly tones: (most: number) => readonly string[];
};

/** The members of request bodies that the service looks at. */
export type Body = {
  readonly callbackUri?: string;
  readonly operationCallbackUri?: string;
  readonly operationContext?: string;
  readonly incomingCallContext?: string;
  readonly targets?: readonly Identifier[];
  readonly target?: Identifier;
  /** The app's own identity, in the API's form for a user. */
  readonly source?: { readonly id: string };
  readonly sourceDisplayName?: string;
  /** The Teams resource account that a call is placed for, in the place of `source`. */
  readonly teamsAppSource?: { readonly appId: string };
  readonly answeredBy?: { readonly id: string };
  readonly callLocator?: { readonly kind?: string; readonly serverCallId?: string };
  readonly mediaStreamingOptions?: StreamOptions;
  readonly transcriptionOptions?: StreamOptions;
  readonly targetParticipant?: Identifier;
  readonly targetParticipants?: readonly Identifier[];
  readonly transferee?: Identifier;
  readonly participantToAdd?: Identifier;
  readonly participantToRemove?: Identifier;
  readonly invitationId?: string;
  readonly fromCall?: string;
  readonly playSources?: readonly unknown[];
  readonly playOptions?: { readonly loop?: boolean };
  readonly recognizeInputType?: string;
  readonly recognizeOptions?: {
    readonly dtmfOptions?: { readonly maxTonesToCollect?: number };
    readonly choices?: readonly { readonly label: string; readonly phrases?: readonly string[] }[];
  };
  readonly tones?: readonly string[];
  readonly callConnectionId?: string;
  readonly recordingStateCallbackUri?: string;
  readonly pauseOnStart?: boolean;
};

/** Where a media stream or a transcription goes, and whether it starts with the call. */
export type StreamOptions = {
  readonly transportUrl?: string;
  readonly startMediaStreaming?: boolean;
  readonly startTranscription?: boolean;
  readonly locale?: string;
};

export type Answer = {
  readonly status: number;
  readonly body?: unknown;
  /** What follows once the answer is out. */
  readonly follow?: () => void;
};

/** @param params what stands in the place of the names in braces, decoded */
export type Operation = (body: Body, service: Service, params: readonly string[]) => Answer;

/** By method and path, such as `POST /calling/callConnections/{call}:play`. */
export type Operations = Readonly<Record<string, Operation>>;

/** An error as the service words it; its codes are not published as a whole, so these are only alike. */
export const refused = (status: number, code: string, message: string): Answer => ({
  status,
  body: { error: { code, message } },
});

/** An operation on a call: 404 where there is none, and 400 (8501) where it is not connected but has to be. */
export function onCall(
  operate: (call: LiveCall, body: Body, service: Service, params: readonly string[]) => Answer,
  { connected = true } = {},
): Operation {
  return (body, service, [id = '', ...params]) => {
    const call = service.calls.get(id);
    if (!call || call.state === 'disconnected') return refused(404, '8522', 'Call not found.');
    if (connected && call.state !== 'connected')
      return refused(400, '8501', 'Action is invalid when call is not in Established state.');
    const fault = body.operationCallbackUri !== undefined && faultOfUri(body.operationCallbackUri);
    return fault || operate(call, body, service, params);
  };
}

/**
 * Why a URI cannot be called back. The service takes https only; here http, and ws, may go to this machine as well,
 * since that is where the app runs.
 */
export function faultOfUri(uri: string | undefined, scheme: 'http' | 'ws' = 'http'): Answer | undefined {
  if (!uri) return refused(400, '8500', 'A URI to call back is required.');
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const fit =
    url?.protocol === `${scheme}s:` || (url?.protocol === `${scheme}:` && LOOPBACK.has(url.hostname));
  return fit ? undefined : refused(400, '8500', `The URI has to be absolute and start with ${scheme}s.`);
}
