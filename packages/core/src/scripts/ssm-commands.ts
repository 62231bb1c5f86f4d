/** The documents by which Systems Manager runs a text (SCR-6), by what an instance runs on; null: none does. */
export function ssmDocumentFor(platform: string): 'AWS-RunShellScript' | 'AWS-RunPowerShellScript' | null {
  if (platform === 'windows') return 'AWS-RunPowerShellScript';
  return platform === 'linux' || platform === 'macos' ? 'AWS-RunShellScript' : null;
}

const SHELL_LINE = /^#!\s*(?:\S*\/env\s+)?(?:\S*\/)?(?:ba|da|k|z|a)?sh(?:\s|$)/;

/**
 * The lines that an instance runs: the policy's text, told `1` or `0` as a script of the server is, as `$1` in a shell and
 * `$args[0]` in PowerShell. Nothing else enters the text, no name above all. A first line `#!` stays the first; an interpreter
 * other than a shell is told nothing.
 */
export function ssmCommandLines(
  text: string,
  document: 'AWS-RunShellScript' | 'AWS-RunPowerShellScript',
  argument: '1' | '0' | null,
): string[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  if (argument === null) return lines;
  if (document === 'AWS-RunPowerShellScript') return [`$args = @('${argument}')`, ...lines];
  const [first = '', ...rest] = lines;
  if (!first.startsWith('#!')) return [`set -- ${argument}`, ...lines];
  return SHELL_LINE.test(first) ? [first, `set -- ${argument}`, ...rest] : lines;
}
