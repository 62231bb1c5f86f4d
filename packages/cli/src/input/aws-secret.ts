import { flag } from '../command.ts';
import type { Io } from '../surroundings.ts';
import { askSecret, readSecretLine } from '../terminal/ask.ts';

export const secretKeyStdin = flag('--secret-key-stdin', 'Read the secret key from a line of standard input.');

export const secretKeyNotes =
  'The secret key is never an argument: it is asked for without echo, or taken from\nCPM_AWS_SECRET_ACCESS_KEY, or from standard input with --secret-key-stdin.';

/** The AWS secret key, from wherever it was given. */
export function askAwsSecret(io: Io, fromStdin: boolean): Promise<string> {
  if (fromStdin) return readSecretLine(io, 'AWS secret key');
  return askSecret(io, {
    what: 'AWS secret key',
    variable: 'CPM_AWS_SECRET_ACCESS_KEY',
    otherwise: 'refuse',
    stdinFlag: '--secret-key-stdin',
  });
}
