import { newReference } from '../../../shared/calls/uris.ts';
import { callEventNames } from '../../../shared/events/call-automation.ts';
import { secretVersion } from '../../../shared/secrets/versions.ts';
import { mintCallbackKey } from '../../../shared/verification/callback-key.ts';
import type { Purpose } from '../../../shared/verification/callback-key.ts';
import { isRs256, rs256 } from '../../fakes/token.ts';
import type { SigningKey } from '../../fakes/token.ts';
import type { OutgoingRequest } from '../../http/request.ts';
import { familiesOf, isIssued, testedIssuer, verifiedClaims } from '../tested-sender.ts';
import type { Receiver, SenderAtWork, TestedSender } from '../tested-sender.ts';
import {
  bearerForms,
  guidForms,
  inForm,
  inForms,
  issuerForms,
  lenientForms,
  requestForms,
  TOKEN_FORMS,
} from '../token-forms.ts';
import type { TokenForm } from '../token-forms.ts';
import { startAcs } from './acs.ts';
import type { Acs } from './acs.ts';
import { callbackForgeries } from './forgeries/index.ts';
import { mediaForgeries } from './forgeries/media.ts';
import { tokenCarriage } from './forgeries/token-carriage.ts';
import { tokenForm } from './forgeries/token-form.ts';
import { tokenHeader } from './forgeries/token-header.ts';
import { callback, genuineCall, newCall } from './requests.ts';

// Call Automation as any receiver sees it: its issuer, and requests that depend on nothing of Ringward but, where the receiver
// checks them, callback keys and tickets.

/** The same in each run, so that a receiver is set up once. */
const AUDIENCE = '7f1c2d4e-90ab-4cde-8f01-23456789abcd';
const CALLBACK_SECRET = 'for-conformance-runs-only-never-deploy-this-callback-key';
const KEY_LIFE_SECONDS = 3600;
const DAY_SECONDS = 86_400;
const FEATURE = 'callback-key';
const OWN_FAMILIES = ['The callback key in the URI', 'The ticket of a media socket'];

type Making = {
  readonly acs: Acs;
  /** A genuine request with this token. */
  readonly request: (token: string) => OutgoingRequest;
  readonly claims: () => Record<string, unknown>;
};

async function start(
  { urlOf, port, has }: Receiver,
  { kind, purpose }: { kind: string; purpose: Purpose },
  parts: (making: Making) => Pick<SenderAtWork, 'samples' | 'forms' | 'isRepeatable'> & {
    readonly families: Parameters<typeof familiesOf<ReturnType<typeof genuineCall>>>[1];
  },
): Promise<SenderAtWork> {
  const acs = await startAcs({ resourceId: AUDIENCE, port });
  const callbackSecret = secretVersion('dev', Buffer.from(CALLBACK_SECRET));
  const parameter = purpose === 'callback' ? 'key' : 'ticket';

  function uri(): string {
    if (!has(FEATURE)) return urlOf(kind);
    const expires = Math.floor(Date.now() / 1000) + KEY_LIFE_SECONDS;
    const key = mintCallbackKey(callbackSecret, purpose, { reference: newReference(), expires });
    return `${urlOf(kind)}?${parameter}=${key}`;
  }
  const request = (token: string): OutgoingRequest =>
    purpose === 'callback'
      ? callback(acs, uri(), [newCall().event('ParticipantsUpdated', { participants: [] })], token)
      : { url: uri(), headers: [['authorization', `Bearer ${token}`]], body: '' };
  const claims = () =>
    purpose === 'callback'
      ? acs.claims()
      : { ...acs.claims(), exp: Math.floor(Date.now() / 1000) + DAY_SECONDS };
  const { families, ...made } = parts({ acs, request, claims });
  const token = () => rs256(acs.header(), claims(), acs.signingKey());

  return {
    settings: {
      ISSUER: acs.issuer,
      OPENID_CONFIGURATION_URL: acs.openIdConfigurationUrl,
      JWKS_URL: acs.keysUrl,
      AUDIENCE,
      ...(has(FEATURE) && { CALLBACK_KEY_SECRET: CALLBACK_SECRET }),
    },
    ...made,
    forgeries: familiesOf(() => genuineCall({ acs, callbackSecret }, request(token())), families),
    featureFor: ({ family }) => (OWN_FAMILIES.includes(family) ? FEATURE : undefined),
    isOfSender: (forged) =>
      isIssued(
        verifiedClaims(forged, (input, signature) => isRs256(input, signature, acs.signingKey())),
        { issuer: acs.issuer, audience: AUDIENCE },
      ),
    issuer: testedIssuer(acs, ['configuration', 'keys'], {
      listed: ({ jwk }: SigningKey) => ({ ...jwk }),
      signed: ({ header, claims: changed, key = acs.signingKey() }) =>
        request(rs256({ ...acs.header(), kid: key.kid, ...header }, { ...claims(), ...changed }, key)),
    }),
    close: acs.close,
  };
}

const tokenIn = (form: TokenForm, { acs, claims }: Making) => {
  const parts = inForm(form, { header: acs.header(), claims: claims() });
  return rs256(parts.header, parts.claims, acs.signingKey());
};

function tokenForms(making: Making): SenderAtWork['forms'] {
  const { acs, request, claims } = making;
  const token = () => rs256(acs.header(), claims(), acs.signingKey());
  const ofForms = (forms: readonly TokenForm[]) => inForms(forms, (form) => request(tokenIn(form, making)));
  return {
    [TOKEN_FORMS.allowed]: ofForms(issuerForms),
    [TOKEN_FORMS.lenient]: ofForms([...lenientForms, ...guidForms]),
    [TOKEN_FORMS.carried]: bearerForms(() => request(token())),
  };
}

const features = {
  [FEATURE]:
    'checks the callback key in the URL (the ticket of a WebSocket), as docs/callback-key.md describes it',
};

/** Callbacks over HTTP. */
const callbacks: TestedSender = {
  name: 'call-automation',
  features,
  start: (receiver) =>
    start(receiver, { kind: 'call-automation', purpose: 'callback' }, (making) => {
      const { acs, request } = making;
      return {
        samples: callEventNames.map((name) => ({
          name,
          make: () => ({ ...request(acs.token()), body: JSON.stringify([newCall().event(name)]) }),
        })),
        forms: {
          ...tokenForms(making),
          [TOKEN_FORMS.header]: [
            {
              name: 'token-in-the-authentication-header',
              odd: 'the token is in the header Authentication',
              make: () => {
                const { headers, ...genuine } = request(acs.token());
                const renamed = headers.map(
                  ([name, value]) => [name === 'authorization' ? 'authentication' : name, value] as const,
                );
                return { ...genuine, headers: renamed };
              },
            },
          ],
          [TOKEN_FORMS.request]: requestForms(
            () => request(acs.token()),
            () => newCall().event('ParticipantsUpdated', { participants: [] }),
          ),
        },
        isRepeatable: true,
        families: callbackForgeries,
      };
    }),
};

/** Upgrades to a WebSocket, each with a token that lives a day. */
const media: TestedSender = {
  name: 'media',
  features,
  start: (receiver) =>
    start(receiver, { kind: 'media', purpose: 'media' }, (making) => ({
      samples: [{ name: 'media', make: () => making.request(making.acs.mediaToken()) }],
      forms: tokenForms(making),
      isRepeatable: false,
      families: {
        ...mediaForgeries,
        'How the token is carried': tokenCarriage,
        'The form of the token': tokenForm,
        'The header and the signature of the token': tokenHeader,
      },
    })),
};

export const tested: readonly TestedSender[] = [callbacks, media];
