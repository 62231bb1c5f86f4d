import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { completionScript } from './completion-script.ts';

const words = [
  { path: 'login', summary: 'sign in', options: ['--user'] },
  { path: 'policy run', summary: "run a policy's backup", options: ['--wait'] },
  { path: 'policy remove', summary: 'remove it', options: [] },
];
const hasBash = spawnSync('bash', ['--version']).status === 0;

/** What a real bash offers after these words. */
function offered(typed: readonly string[]): string[] {
  const script = `${completionScript('bash', words)}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cpm; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, status } = spawnSync('bash', ['-u', '-c', script, 'bash', 'cpm', ...typed], { encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout.trim().split('\n');
}

describe.runIf(hasBash)('completion in bash', () => {
  it.each([
    [['lo'], ['login']],
    [
      ['policy', 'r'],
      ['run', 'remove'],
    ],
    [
      ['--quiet', 'policy', 'r'],
      ['run', 'remove'],
    ],
    [['policy', 'run', '--w'], ['--wait']],
    [['policy', 'run', 'web', '--w'], ['--wait']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['help', 'ex'], ['exit-codes']],
  ])('after %j offers %j', (typed, offers) => {
    expect(offered(typed)).toEqual(offers);
  });
});

describe('completion in zsh and fish', () => {
  it('is the same table for zsh, behind its bash layer', () => {
    expect(completionScript('zsh', words)).toMatch(
      /^#compdef cpm\nautoload -U \+X bashcompinit && bashcompinit\n_cpm\(\)/,
    );
  });

  it('is one line a word for fish, with quotes that hold', () => {
    const lines = completionScript('fish', words).split('\n');
    expect(lines).toContain(
      String.raw`complete -c cpm -n '__fish_seen_subcommand_from policy' -a run -d 'run a policy'\''s backup'`,
    );
    expect(lines).toContain(
      "complete -c cpm -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from run' -l wait",
    );
  });
});
