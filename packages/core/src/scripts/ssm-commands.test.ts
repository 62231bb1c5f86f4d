import { expect, test } from 'vitest';
import { ssmCommandLines, ssmDocumentFor } from './ssm-commands.ts';

test.each([
  ['linux', 'AWS-RunShellScript'],
  ['macos', 'AWS-RunShellScript'],
  ['windows', 'AWS-RunPowerShellScript'],
  ['plan9', null],
])('what runs on %s is run by %s', (platform, document) => {
  expect(ssmDocumentFor(platform)).toBe(document);
});

test.each([
  ['a shell is told 1', 'thaw $1\r\ntrue', '1', ['set -- 1', 'thaw $1', 'true']],
  ['or 0', 'thaw', '0', ['set -- 0', 'thaw']],
  ['"before" is told nothing', 'freeze', null, ['freeze']],
  ['a line that names a shell stays the first', '#!/bin/bash\nthaw', '1', ['#!/bin/bash', 'set -- 1', 'thaw']],
  ['also by env', '#!/usr/bin/env bash\nthaw', '1', ['#!/usr/bin/env bash', 'set -- 1', 'thaw']],
  ['with options', '#!/bin/sh -e\nthaw', '0', ['#!/bin/sh -e', 'set -- 0', 'thaw']],
  ['another interpreter is told nothing', '#!/usr/bin/python3\nthaw()', '1', ['#!/usr/bin/python3', 'thaw()']],
  ['one whose name merely ends so neither', '#!/usr/bin/fish\nthaw', '1', ['#!/usr/bin/fish', 'thaw']],
] as const)('%s', (_, text, argument, lines) => {
  expect(ssmCommandLines(text, 'AWS-RunShellScript', argument)).toEqual(lines);
});

test('PowerShell is told in $args', () => {
  expect(ssmCommandLines('Thaw $args[0]', 'AWS-RunPowerShellScript', '1')).toEqual(["$args = @('1')", 'Thaw $args[0]']);
});
