import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { wrongInput } from '../command.ts';
import { specificError } from '../terminal/report-error.ts';

/** How the server proves itself: by a public authority, by one that the user named, or by exactly one certificate. */
export type Trust =
  | { readonly kind: 'public' }
  | { readonly kind: 'authority'; readonly pem: string }
  | { readonly kind: 'certificate'; readonly sha256: string };

const CONNECT_TIMEOUT_MS = 15_000;
const SHA256 = /^[0-9A-F]{64}$/;

/** Reads a SHA-256 fingerprint as openssl, browsers and CPM write it; the result is `AB:CD:…`. Throws `invalid_request`. */
export function parseFingerprint(text: string, path: string): string {
  const digits = text
    .trim()
    .replace(/^(sha-?256)?( fingerprint)?[=: ]*/i, '')
    .replaceAll(/[:\s]/g, '')
    .toUpperCase();
  if (!SHA256.test(digits)) throw wrongInput(path, 'a SHA-256 fingerprint has 64 hexadecimal digits');
  return digits.replaceAll(/(..)(?!$)/g, '$1:');
}

/**
 * A TLS connection on which the server has proven itself; not one byte of a request is written before that.
 * Rejects with `server_unreachable` in words where the certificate is the wrong one.
 */
export async function openTrusted(server: URL, trust: Trust): Promise<TLSSocket> {
  const socket = await openTls(server, trust);
  if (trust.kind !== 'certificate') return socket;
  const shown = socket.getPeerX509Certificate()?.fingerprint256;
  if (shown === trust.sha256) return socket;
  socket.destroy();
  throw specificError(
    'server_unreachable',
    `${server.host} shows another certificate than the one that is required: ${shown ?? 'none'} instead of ${trust.sha256}.`,
    'Somebody may stand between you and the server. If its certificate was replaced on purpose, log out and log in again.',
  );
}

/** What a server shows at first contact: whether a public authority vouches for it, and its certificate if not. */
export type FirstContact =
  | { readonly kind: 'vouched' }
  | {
      readonly kind: 'unknown';
      readonly sha256: string;
      readonly subject: string;
      readonly validTo: string;
      readonly isSelfSigned: boolean;
      readonly why: string;
    };

/** Looks at the certificate of a server that nothing is known about; sends nothing. */
export async function lookAtCertificate(server: URL): Promise<FirstContact> {
  const socket = await openTls(server, { kind: 'certificate', sha256: '' });
  try {
    const certificate = socket.getPeerX509Certificate();
    if (socket.authorized || certificate === undefined) return { kind: 'vouched' };
    return {
      kind: 'unknown',
      sha256: certificate.fingerprint256,
      subject: certificate.subject,
      validTo: certificate.validToDate.toISOString(),
      isSelfSigned: certificate.verify(certificate.publicKey),
      why: String(socket.authorizationError),
    };
  } finally {
    socket.destroy();
  }
}

function openTls(server: URL, trust: Trust): Promise<TLSSocket> {
  const host = server.hostname.replaceAll(/^\[|\]$/g, '');
  const socket = connect({
    host,
    port: server.port === '' ? 443 : Number(server.port),
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    // With one required certificate the authority behind it says nothing: the fingerprint is compared before anything is sent.
    rejectUnauthorized: trust.kind !== 'certificate',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(trust.kind === 'authority' ? { ca: trust.pem } : {}),
  });
  return new Promise((resolve, reject) => {
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error('no answer within 15 seconds')));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      resolve(socket);
    });
  });
}
