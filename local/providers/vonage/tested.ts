import type { VonageProject } from '../../../shared/providers/vonage/token.ts';
import { hs256, isHs256 } from '../../fakes/token.ts';
import type { OutgoingRequest } from '../../http/request.ts';
import { withHeaders, withToken } from '../forgery.ts';
import { familiesOf, isPast, verifiedClaims } from '../tested-sender.ts';
import type { TestedSender } from '../tested-sender.ts';
import { bearerForms, inForm, inForms, lenientForms, TOKEN_FORMS, writtenForms } from '../token-forms.ts';
import { payloadOf } from './forgeries.ts';
import type { GenuineVonage, VonageFamilies } from './forgeries.ts';
import type { VonageSigner } from './project.ts';

// A sender of Vonage as any receiver sees it: one API key with one signature secret.

/** The same in each run, so that a receiver is set up once. */
export const testedSecret = 'for-conformance-runs-only-never-deploy-this-secret';
export const testedProject: VonageProject = {
  apiKey: '41234567',
  applicationId: '0c5f3a1e-7b2d-4c68-9e10-5a4b3c2d1e0f',
};
const FEATURE = 'application';
/** Vonage retries for a day. What is older was recorded by somebody. */
const RETRIED_SECONDS = 86_400;
/** Of a token without an expiry and a start. */
const LENIENT = ['iat-in-digits', 'jti-null', 'jti-empty', 'typ-null'];

/** @param make makes its requests, for `ANY_BASE_URL` */
export function testedVonage(
  name: string,
  make: () => {
    readonly signer: VonageSigner;
    readonly samples: Readonly<Record<string, () => OutgoingRequest>>;
    /** The request whose token is written in other forms. */
    readonly genuine: () => OutgoingRequest;
    readonly forgeries: readonly (readonly [genuine: () => OutgoingRequest, VonageFamilies])[];
  },
): TestedSender {
  return {
    name,
    features: { [FEATURE]: 'accepts callbacks of VONAGE_APPLICATION_ID alone' },
    async start({ has }) {
      const { signer, samples, genuine, forgeries } = make();
      const inTokenForm = (form: Parameters<typeof inForm>[0]) => {
        const request = genuine();
        const made = { header: signer.header(), claims: signer.claims(payloadOf(request)) };
        const { header, claims } = inForm(form, made);
        return withToken({ request }, hs256(header, claims, testedSecret));
      };
      return {
        settings: {
          VONAGE_API_KEY: testedProject.apiKey,
          VONAGE_SIGNATURE_SECRET: testedSecret,
          ...(has(FEATURE) && { VONAGE_APPLICATION_ID: testedProject.applicationId ?? '' }),
        },
        samples: Object.entries(samples).map(([sample, one]) => ({ name: sample, make: one })),
        forms: {
          [TOKEN_FORMS.allowed]: inForms(writtenForms, inTokenForm),
          [TOKEN_FORMS.lenient]: inForms(
            lenientForms.filter((form) => LENIENT.includes(form.name)),
            inTokenForm,
          ),
          [TOKEN_FORMS.carried]: bearerForms(genuine),
        },
        forgeries: [
          ...forgeries.flatMap(([from, families]) =>
            familiesOf<GenuineVonage>(() => ({ request: from(), vonage: signer }), ofOneSecret(families)),
          ),
          {
            name: 'A callback without a token',
            genuine: () => ({ request: genuine() }),
            members: [
              {
                name: `${name}-token-missing`,
                expected: { status: 401, reason: 'token-missing' },
                // In the rare case of an error at Vonage a genuine callback has none: Vonage shall send it again.
                alternatively: { status: 503, reason: 'callback-unsigned' },
                forge: (from) => withHeaders(from, () => []),
              },
            ],
          },
        ],
        featureFor: ({ name: forgery }) => (forgery.includes('-application-') ? FEATURE : undefined),
        isOfSender(forged) {
          const isRight = (input: string, signature: Uint8Array) => isHs256(input, signature, testedSecret);
          const claims = verifiedClaims(forged, isRight);
          const { payload_hash: hash } = signer.claims(payloadOf(forged));
          return claims?.['payload_hash'] === hash && !isPast(claims?.['iat'], RETRIED_SECONDS);
        },
        isRepeatable: true,
        close: async () => {},
      };
    },
  };
}

/** One secret is valid for every kind. */
const ofOneSecret = (families: VonageFamilies): VonageFamilies =>
  Object.fromEntries(
    Object.entries(families)
      .map(
        ([family, members]) =>
          [family, members.filter(({ name }) => !name.endsWith('-of-another-kind'))] as const,
      )
      .filter(([, members]) => members.length > 0),
  );
