/** What file systems, shells and spreadsheets read otherwise: names travel into logs, exports and command lines. */
const RESERVED_CHARACTERS = /[/\\$`;|&<>*?"]/;
const LONGEST_NAME = 100;

/** What is wrong with the name of a schedule, an account, a user or a token; null when it can be used. */
export function validateName(name: string): string | null {
  if (name.trim() !== name || name === '' || name.length > LONGEST_NAME) {
    return `must have 1 to ${LONGEST_NAME} characters, without blanks at its ends`;
  }
  if (hasControlCharacter(name) || RESERVED_CHARACTERS.test(name)) {
    return 'must not hold control characters or any of / \\ $ ` ; | & < > * ? "';
  }
  return null;
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}|\p{Cf}|[\u2028\u2029]/u.test(text);
}
