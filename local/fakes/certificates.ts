import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';

/** A certificate authority that lives as long as the process, for the names of services that we play. */
export type CertificateAuthority = {
  /** What a client has to trust, in PEM. */
  readonly certificate: string;
  /** A certificate and key for these host names and addresses, in PEM. */
  readonly issue: (hosts: readonly string[]) => Promise<{ readonly cert: string; readonly key: string }>;
};

type Keys = { readonly publicKey: string; readonly privateKey: string };

const DAY_MS = 24 * 3600 * 1000;
const NAME = [{ name: 'commonName', value: 'Ringward fakes' }];

export async function newCertificateAuthority(): Promise<CertificateAuthority> {
  const own = await newKeys();
  const certificate = signed(own, own, NAME, [
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ]);
  return {
    certificate,
    async issue(hosts) {
      const keys = await newKeys();
      const cert = signed(
        keys,
        own,
        [{ name: 'commonName', value: hosts[0] ?? '' }],
        [
          { name: 'basicConstraints', cA: false, critical: true },
          { name: 'extKeyUsage', serverAuth: true },
          { name: 'subjectAltName', altNames: hosts.map(altName) },
        ],
      );
      return { cert, key: keys.privateKey };
    },
  };
}

function newKeys(): Promise<Keys> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function signed(
  subject: Keys,
  issuer: Keys,
  name: forge.pki.CertificateField[],
  extensions: object[],
): string {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(subject.publicKey);
  // A first byte that is neither zero nor above 127: the number is positive, and has one encoding in DER.
  certificate.serialNumber = `01${randomBytes(8).toString('hex')}`;
  certificate.validity.notBefore = new Date(Date.now() - DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + 30 * DAY_MS);
  certificate.setSubject(name);
  certificate.setIssuer(NAME);
  certificate.setExtensions(extensions);
  certificate.sign(forge.pki.privateKeyFromPem(issuer.privateKey), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}

/** X.509 keeps names (2) and addresses (7) apart. */
function altName(host: string) {
  return /^[\d.]+$|:/.test(host) ? { type: 7, ip: host } : { type: 2, value: host };
}
