import { parsed, readWholeNumber } from '../command.ts';

const FLAGS = '--expires-in-days <n>';

/** When a token ends: a number of days, null for never, undefined for what the server does by itself. */
export const expiresInDays = parsed(FLAGS, 'Days until the token ends, or never (365 unless told).', (raw) =>
  raw === 'never' ? null : readWholeNumber(raw, '--expires-in-days'),
);
