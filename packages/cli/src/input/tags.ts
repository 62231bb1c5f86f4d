import { wrongInput } from '../command.ts';

/** Reads `key=value` texts as tags; the value may be empty and may hold `=`. Throws `invalid_request`. */
export function parseTags(texts: readonly string[]): { key: string; value: string }[] {
  return texts.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw wrongInput('--tag', `"${text}" is not of the form key=value`);
    return { key: text.slice(0, at), value: text.slice(at + 1) };
  });
}
