import type { VolumeRecoveryInput } from '@cpm/contract';
import { flag, text, wrongInput } from '../command.ts';
import type { Io } from '../surroundings.ts';
import { askAwsSecret } from './aws-secret.ts';

/** Spread into the options of every command that makes or takes away something in AWS for a recovery (REC-2). */
export const recoveryCredentialOptions = {
  accessKeyId: text('--access-key-id <id>', "Use this access key of the account instead of CPM's own, this once."),
  secretKeyStdin: flag('--secret-key-stdin', 'Read its secret key from a line of standard input.'),
};

/** What `--help` says of it. */
export const CREDENTIALS_NOTE =
  'The secret of --access-key-id is asked for without echo, or taken from CPM_AWS_SECRET_ACCESS_KEY, or from standard\ninput; a session token from CPM_AWS_SESSION_TOKEN. CPM holds them in memory until the recovery has ended.';

type Given = { readonly accessKeyId: string | undefined; readonly secretKeyStdin: boolean };

/** The credentials of a wish to recover, asked for where a key was named; undefined for the account's own. */
export async function askRecoveryCredentials(
  io: Io,
  { accessKeyId, secretKeyStdin }: Given,
): Promise<VolumeRecoveryInput['credentials']> {
  if (accessKeyId === undefined) {
    if (secretKeyStdin) throw wrongInput('--secret-key-stdin', 'it goes together with --access-key-id');
    return undefined;
  }
  const secretAccessKey = await askAwsSecret(io, secretKeyStdin);
  const sessionToken = io.env['CPM_AWS_SESSION_TOKEN'];
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}
