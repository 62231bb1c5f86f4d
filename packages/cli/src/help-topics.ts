import { EXIT_CODES } from '@cpm/core';

const EXIT_WORDS: Readonly<Record<keyof typeof EXIT_CODES, string>> = {
  ok: 'done; with --wait or follow: the outcome is successful',
  failure: 'failed, for a reason that no other number names',
  usage: 'wrong usage or wrong input, or with --plan a recovery that could not start; nothing was done',
  denied: 'not signed in, not allowed, or AWS refused the keys or the action',
  notFound: 'there is no such thing, or it belongs to another user',
  conflict: 'the state of things does not allow it: name taken, in use, already running, changed meanwhile',
  backupFailed: 'the backup or recovery that was waited for failed',
  backupPartial: 'the backup or recovery that was waited for was partially successful',
  unreachable: 'the server cannot be reached, or cannot prove that it is the one',
  temporary: 'a passing fault of the server or of AWS; the same command may succeed later',
};

const ENVIRONMENT: readonly (readonly [name: string, words: string])[] = [
  ['CPM_SERVER', 'the address of the server; before the stored login'],
  ['CPM_TOKEN', 'an API token; before the stored login'],
  ['CPM_FINGERPRINT', 'the SHA-256 fingerprint of the one certificate that the server must show'],
  ['CPM_CA', 'a PEM file with the authority that vouches for the server'],
  ['CPM_PASSWORD', 'the password, for cpm login and cpm claim'],
  ['CPM_CLAIM_SECRET', 'the claim secret, for cpm claim'],
  ['CPM_AWS_SECRET_ACCESS_KEY', 'the secret key, for cpm account add and cpm account rotate'],
  ['XDG_CONFIG_HOME', 'where the login is stored, below cpm/ (else ~/.config)'],
];

/** The text of a help topic that is no command; undefined when there is none of that name. */
export function helpTopic(name: string): string | undefined {
  if (name === 'exit-codes') return exitCodes();
  if (name === 'environment') return lines(ENVIRONMENT);
  return undefined;
}

function exitCodes(): string {
  const rows = Object.entries(EXIT_CODES).map(
    ([name, code]) => [String(code), EXIT_WORDS[name as keyof typeof EXIT_CODES]] as const,
  );
  return lines([...rows, ['130', 'stopped by Ctrl-C, or a question was answered with no']]);
}

function lines(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, words]) => `  ${name.padEnd(width)}  ${words}`).join('\n');
}
