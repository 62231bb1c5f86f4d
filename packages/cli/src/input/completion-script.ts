import { nouns } from '../commands.ts';

export type CompletionWords = { readonly path: string; readonly summary: string; readonly options: readonly string[] };

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];
const GLOBAL_OPTIONS = ['--server', '--output', '--quiet', '--yes', '--help'];
const TOPICS = ['exit-codes', 'environment'];

export function isShell(text: string): text is Shell {
  return SHELLS.some((shell) => shell === text);
}

/** The completion script of a shell; it knows every command and option by itself and calls nothing. */
export function completionScript(shell: Shell, words: readonly CompletionWords[]): string {
  if (shell === 'fish') return fishScript(words);
  const body = bashScript(words);
  return shell === 'bash' ? body : `#compdef cpm\nautoload -U +X bashcompinit && bashcompinit\n${body}`;
}

/** What may follow each beginning of a command line: nothing yet, a noun, a whole command. */
function followers(words: readonly CompletionWords[]): Map<string, readonly string[]> {
  const firsts = [...new Set(words.map(({ path }) => path.split(' ')[0] ?? path)), 'help'];
  const table = new Map<string, readonly string[]>([['', [...firsts, ...GLOBAL_OPTIONS, '--version']]]);
  for (const noun of Object.keys(nouns)) {
    const verbs = words.flatMap(({ path }) => (path.startsWith(`${noun} `) ? [path.slice(noun.length + 1)] : []));
    table.set(noun, [...verbs, '--help']);
  }
  for (const { path, options } of words) table.set(path, [...options, ...GLOBAL_OPTIONS]);
  table.set('completion', SHELLS);
  table.set('help', [...firsts, ...TOPICS]);
  return table;
}

function bashScript(words: readonly CompletionWords[]): string {
  const cases = [...followers(words)].map(([path, list]) => `    '${path}') words='${list.join(' ')}' ;;`);
  const two = Object.keys(nouns).join('|');
  return [
    '_cpm() {',
    "  local word path='' words='' current=${COMP_WORDS[COMP_CWORD]}",
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    case "$word" in -*) continue ;; esac',
    '    case "$path" in',
    "      '') path=$word ;;",
    `      ${two}) path="$path $word" ;;`,
    '    esac',
    '  done',
    '  case "$path" in',
    ...cases,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _cpm cpm',
  ].join('\n');
}

function fishScript(words: readonly CompletionWords[]): string {
  const lines = ['complete -c cpm -f'];
  for (const [noun, summary] of Object.entries(nouns)) {
    lines.push(`complete -c cpm -n __fish_use_subcommand -a ${noun} -d ${quoted(summary)}`);
  }
  for (const { path, summary, options } of words) {
    const [first = '', verb] = path.split(' ');
    const isVerb = verb !== undefined;
    const before = isVerb ? quoted(`__fish_seen_subcommand_from ${first}`) : '__fish_use_subcommand';
    lines.push(`complete -c cpm -n ${before} -a ${verb ?? first} -d ${quoted(summary)}`);
    const seen = [first, ...(isVerb ? [verb] : [])].map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
    for (const option of options) lines.push(`complete -c cpm -n ${quoted(seen)} -l ${option.slice(2)}`);
  }
  lines.push(`complete -c cpm -n '__fish_seen_subcommand_from completion' -a ${quoted(SHELLS.join(' '))}`);
  for (const option of GLOBAL_OPTIONS) lines.push(`complete -c cpm -l ${option.slice(2)}`);
  return lines.join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
