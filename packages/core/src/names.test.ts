import { expect, test } from 'vitest';
import { validateName } from './names.ts';

test.each(['acme-production', 'Büro München', 'nightly (02:00)', "O'Brien", 'a'.repeat(100)])('%s is a name', (name) =>
  expect(validateName(name)).toBeNull(),
);

test.each(['', ' x', 'x ', 'a/b', 'a\\b', '$(id)', '`id`', 'a;b', 'a|b', 'a\nb', 'a\u202eb', 'a'.repeat(101)])(
  '%j is refused as a name, with the reason',
  (name) => expect(validateName(name)).toMatch(/^must /),
);
