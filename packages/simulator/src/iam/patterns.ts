const patterns = new Map<string, RegExp>();

/** Whether the text fits a pattern in which `*` stands for any run of characters and `?` for one. */
export const fitsPattern = (pattern: string, text: string, ignoreCase = false): boolean => {
  const key = `${ignoreCase ? 'i' : 's'}${pattern}`;
  const known = patterns.get(key);
  if (known !== undefined) return known.test(text);
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const made = new RegExp(`^${source}$`, ignoreCase ? 'is' : 's');
  if (patterns.size > 5_000) patterns.clear();
  patterns.set(key, made);
  return made.test(text);
};

/**
 * A policy text with its variables, such as `${aws:username}`, replaced; `${key, 'text'}` has a default. Undefined when a
 * variable has no value: then what it stands in matches nothing (IAM User Guide, "Policy variables").
 */
export const expandVariables = (text: string, context: ReadonlyMap<string, readonly string[]>): string | undefined => {
  if (!text.includes('${')) return text;
  let missing = false;
  const expanded = text.replace(
    /\$\{\s*([^,}]+?)\s*(?:,\s*'([^']*)'\s*)?\}/g,
    (_, name: string, fallback: string | undefined) => {
      if (name === '*' || name === '?' || name === '$') return name;
      const values = context.get(name.toLowerCase());
      const value = values?.length === 1 ? values[0] : fallback;
      missing ||= value === undefined;
      return value ?? '';
    },
  );
  return missing ? undefined : expanded;
};
