import type { FieldError } from '@cpm/core';

/** Other credentials than the account's for one recovery; they live in the form alone. */
export type CredentialsValues = {
  readonly isAccounts: boolean;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
};

export const ACCOUNTS_CREDENTIALS: CredentialsValues = {
  isAccounts: true,
  accessKeyId: '',
  secretAccessKey: '',
  sessionToken: '',
};

/** What the API takes: nothing where the account's own are used. */
export function credentialsInput({ isAccounts, accessKeyId, secretAccessKey, sessionToken }: CredentialsValues) {
  if (isAccounts) return {};
  const token = sessionToken.trim() === '' ? {} : { sessionToken: sessionToken.trim() };
  return { credentials: { accessKeyId: accessKeyId.trim(), secretAccessKey: secretAccessKey.trim(), ...token } };
}

/** Which of the fields are still empty. */
export function credentialsProblems({ isAccounts, accessKeyId, secretAccessKey }: CredentialsValues): FieldError[] {
  if (isAccounts) return [];
  return [
    ...(accessKeyId.trim() === '' ? [{ path: 'credentials.accessKeyId', message: 'give the access key id' }] : []),
    ...(secretAccessKey.trim() === ''
      ? [{ path: 'credentials.secretAccessKey', message: 'give the secret access key' }]
      : []),
  ];
}
