import type { SeedInput } from './run-seed.ts';

/** Seeds that once found something, and what: played at every run of the tests, so that it is never lost again. */
export const PINNED: readonly (SeedInput & { readonly found: string })[] = [
  { seed: 6, weeks: 0.5, found: 'a recovery was given up after minutes in which its region was down' },
  {
    seed: 50,
    weeks: 1,
    found: 'a repeated launch was told that its instances were gone while they only did not show yet',
  },
  {
    seed: 79,
    weeks: 1,
    found: 'an image that AWS did not show for hours was called removed, and held a generation too many',
  },
];
