import { wrongInput } from '../command.ts';
import type { Io } from '../surroundings.ts';
import { askYes, isInteractive } from '../terminal/ask.ts';
import { specificError } from '../terminal/report-error.ts';
import { formatTime } from '../terminal/time.ts';
import { visible } from '../terminal/visible.ts';
import { loginOf } from './settings.ts';
import { environmentTrust, givenTrust } from './settings.ts';
import { readLogin } from './config-file.ts';
import { lookAtCertificate, type FirstContact, type Trust } from './trust.ts';

type Given = { readonly fingerprint?: string | undefined; readonly ca?: string | undefined };

/**
 * How the server will have to prove itself from now on: as options, environment or an earlier login say; by a public
 * authority where one vouches for it; else by the self-signed certificate that the person at the terminal accepts.
 */
export async function agreeOnTrust(io: Io, server: URL, given: Given): Promise<Trust> {
  const named = await givenTrust({
    fingerprint: given.fingerprint,
    authorityFile: given.ca,
    names: ['--fingerprint', '--ca'],
  });
  const known = named ?? (await environmentTrust(io.env)) ?? loginOf(await readLogin(io.env), server)?.trust;
  if (known !== undefined) return known;
  const contact = await look(server);
  if (contact.kind === 'vouched') return { kind: 'public' };
  return acceptCertificate(io, server, contact);
}

async function look(server: URL): Promise<FirstContact> {
  try {
    return await lookAtCertificate(server);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw specificError(
      'server_unreachable',
      `The CPM server at ${server.host} cannot be reached (${why}).`,
      'Check the address, and that the server is running.',
    );
  }
}

type Unknown = Extract<FirstContact, { kind: 'unknown' }>;

async function acceptCertificate(io: Io, server: URL, contact: Unknown): Promise<Trust> {
  const { sha256 } = contact;
  if (!contact.isSelfSigned) {
    throw specificError(
      'server_unreachable',
      `Nobody vouches for the certificate of ${server.host} (${contact.why}).`,
      `Name its authority with --ca FILE, or require exactly this certificate with --fingerprint ${sha256}`,
    );
  }
  const facts = [
    `${server.host} shows a certificate that it signed itself.`,
    `  subject      ${contact.subject}`,
    `  valid until  ${formatTime(contact.validTo)}`,
    `  SHA-256      ${sha256}`,
    'Compare the fingerprint with the one that the server printed when it started.',
  ];
  if (!isInteractive(io)) {
    throw wrongInput(
      '--fingerprint',
      `${facts.slice(0, 1).join('')} Its SHA-256 fingerprint is ${sha256}; compare it with what the server printed, then pass it here`,
    );
  }
  io.stderr.write(`${facts.map(visible).join('\n')}\n`);
  if (await askYes(io, 'Require exactly this certificate from now on?')) return { kind: 'certificate', sha256 };
  throw new DOMException('Declined at the prompt', 'AbortError');
}
