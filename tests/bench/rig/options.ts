/** Reads a whole number of an option; throws a TypeError that names it. */
export function wholeNumber(name: string, text: string, least: number): number {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least)) throw new TypeError(`--${name} must be a whole number of at least ${least}, not "${text}"`);
  return value;
}
