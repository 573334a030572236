import type { Operations } from './operation.ts';

/** https://learn.microsoft.com/rest/api/communication/phonenumbers and …/siprouting */
export const telephonyOperations: Operations = {
  'GET /phoneNumbers': (_body, { telephony }) => ({
    status: 200,
    body: { phoneNumbers: telephony.numbers.map((number) => ({ id: number.slice(1), phoneNumber: number })) },
  }),
  'GET /sip': (_body, { telephony }) => ({
    status: 200,
    body: { trunks: Object.fromEntries(telephony.trunks), routes: [] },
  }),
};
