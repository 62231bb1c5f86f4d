import { text } from '../command.ts';

/** How a server proves itself, for commands that meet it for the first time; nothing turns the proof off. */
export const trustOptions = {
  fingerprint: text('--fingerprint <sha256>', 'Require the certificate with this SHA-256 fingerprint.'),
  ca: text('--ca <file>', 'Require a certificate of the authority in this PEM file.'),
};
