import { commands } from './commands.ts';
import { defineCommand, wrongInput } from './command.ts';
import { completionScript, isShell, type CompletionWords } from './input/completion-script.ts';
import { longFlagOf } from './command.ts';

export const command = defineCommand({
  args: { shell: 'bash, zsh or fish' },
  notes: 'The script completes commands and their options.',
  examples: [
    'cpm completion bash > ~/.local/share/bash-completion/completions/cpm',
    'cpm completion zsh > "${fpath[1]}/_cpm"',
    'cpm completion fish > ~/.config/fish/completions/cpm.fish',
  ],
  run: async ({ args, print }) => {
    const { shell } = args;
    if (!isShell(shell)) throw wrongInput('shell', `"${shell}" is none of bash, zsh and fish`);
    const words: CompletionWords[] = [];
    for (const { path, summary, load } of commands) {
      const { command: loaded } = await load();
      words.push({ path, summary, options: Object.values(loaded.options).map(longFlagOf) });
    }
    print.lines([completionScript(shell, words)]);
  },
});
