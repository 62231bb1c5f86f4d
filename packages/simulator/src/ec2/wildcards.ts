const compiled = new Map<string, RegExp>();

const literally = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/u, String.raw`\$&`);

const compile = (pattern: string): RegExp => {
  let source = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    if (character === '\\' && at + 1 < pattern.length) {
      at += 1;
      source += literally(pattern.charAt(at));
    } else if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else source += literally(character);
  }
  return new RegExp(`^${source}$`, 'su');
};

/** Whether a filter value is more than plain text. */
export const hasWildcard = (pattern: string): boolean => /[*?\\]/.test(pattern);

/** Whether a value fits a filter: `*` is any run of characters, `?` exactly one, a backslash takes both literally; case counts. */
export const fitsFilter = (pattern: string, value: string): boolean => {
  if (!hasWildcard(pattern)) return pattern === value;
  const known = compiled.get(pattern);
  if (known !== undefined) return known.test(value);
  const made = compile(pattern);
  if (compiled.size > 2_000) compiled.clear();
  compiled.set(pattern, made);
  return made.test(value);
};
