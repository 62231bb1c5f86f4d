/** The pattern of LIKE or ILIKE for texts that hold this one, in which its own signs stand for themselves. */
export const holding = (text: string): string => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
