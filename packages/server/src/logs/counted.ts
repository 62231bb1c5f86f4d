/** `1 snapshot`, `3 snapshots`: a number with its noun, for whoever reads a log. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
