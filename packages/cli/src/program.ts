import { Command, CommanderError, Option } from 'commander';
import type { LoadedCommand } from './command.ts';
import { commands, nouns, type Entry } from './commands.ts';
import type { GlobalOptions, Io, Surroundings } from './surroundings.ts';
import { VERSION } from './version.ts';

const MORE_HELP = `
cpm help exit-codes    how a command ends
cpm help environment   variables that are read

Names are taken wherever an id is.`;

/** Runs one command line (without the program's own name) and answers the exit code; everything it says is written to `io`. */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  const program = createProgram(io);
  try {
    await program.root.parseAsync([...argv], { from: 'user' });
    return program.exitCode();
  } catch (error) {
    return reportFailure(error, io, globalOptions(program.root).output);
  }
}

function createProgram(io: Io): { readonly root: Command; readonly exitCode: () => number } {
  let exitCode = 0;
  const run = async (loaded: LoadedCommand, leaf: Command) => {
    const names = Object.keys(loaded.args).map((name) => name.replace(/\?$/, ''));
    const args = Object.fromEntries(
      names.map((name, index) => [name, leaf.processedArgs[index] as string | undefined]),
    );
    const surroundings = await createSurroundings(io, globalOptions(root));
    exitCode = (await loaded.start(surroundings, { args, options: leaf.opts() })) ?? 0;
  };
  const root = createRoot(io);
  const prepare = declareCommands(root, run);
  declareHelp(root, prepare);
  return { root, exitCode: () => exitCode };
}

function createRoot(io: Io): Command {
  return new Command('cpm')
    .description('Cloud Protection Manager: back up and recover AWS instances and volumes.')
    .usage('<command> [options]')
    .version(VERSION, '--version', 'Show the version.')
    .addOption(new Option('--server <url>', 'The server, instead of the one that was logged in to.'))
    .addOption(new Option('--output <form>', 'How results are written.').choices(['table', 'json']).default('table'))
    .addOption(new Option('-q, --quiet', 'Only ids, no progress and no remarks.'))
    .addOption(new Option('-y, --yes', 'Answer questions for confirmation with yes.'))
    .helpOption('-h, --help', 'Explain a command.')
    .helpCommand(false)
    .addHelpText('after', MORE_HELP)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // The error is thrown as well, and reported once, in the form that was asked for.
      outputError: () => {},
    });
}

type Run = (loaded: LoadedCommand, leaf: Command) => Promise<void>;
type Prepare = (leaf: Command) => Promise<void>;

/** Declares every command by name only; its file is loaded when it turns out to be the one that was typed. */
function declareCommands(root: Command, run: Run): Prepare {
  const entries = new Map<Command, Entry>();
  const prepare: Prepare = async (leaf) => {
    const entry = entries.get(leaf);
    if (entry === undefined) return;
    entries.delete(leaf);
    const { command } = await entry.load();
    describeLeaf(leaf, command, run);
  };
  const parents = new Map<string, Command>();
  for (const [noun, summary] of Object.entries(nouns)) {
    parents.set(noun, root.command(noun).description(summary).usage('<command> [options]').helpCommand(false));
  }
  for (const entry of commands) {
    const [first = '', verb] = entry.path.split(' ');
    const parent = verb === undefined ? root : (parents.get(first) ?? root);
    entries.set(parent.command(verb ?? first).description(entry.summary), entry);
  }
  for (const parent of [root, ...parents.values()]) {
    parent.hook('preSubcommand', (_, leaf) => prepare(leaf));
  }
  return prepare;
}

function describeLeaf(leaf: Command, loaded: LoadedCommand, run: Run): void {
  for (const [name, description] of Object.entries(loaded.args)) {
    leaf.argument(name.endsWith('?') ? `[${name.slice(0, -1)}]` : `<${name}>`, description);
  }
  for (const spec of Object.values(loaded.options)) {
    const option = new Option(spec.flags, spec.description);
    if (spec.choices !== undefined) option.choices(spec.choices);
    if (spec.isNeeded === true) option.makeOptionMandatory();
    if (spec.isMany === true)
      option.argParser((value: string, before?: readonly string[]) => [...(before ?? []), value]);
    leaf.addOption(option);
  }
  const notes = loaded.notes === '' ? '' : `\n${loaded.notes}\n`;
  leaf.addHelpText('after', `${notes}\nExamples:\n${loaded.examples.map((line) => `  ${line}`).join('\n')}`);
  leaf.action(() => run(loaded, leaf));
}

function declareHelp(root: Command, prepare: Prepare): void {
  root
    .command('help')
    .description('explain a command, or exit-codes, or environment')
    .argument('[words...]')
    .action(async (words: readonly string[]) => {
      const { helpTopic } = await import('./help-topics.ts');
      const topic = helpTopic(words.join(' '));
      if (topic !== undefined) return root.configureOutput().writeOut?.(`${topic}\n`);
      let command = root;
      for (const word of words) {
        const found = command.commands.find((each) => each.name() === word);
        if (found === undefined) root.error(`error: unknown command '${words.join(' ')}'`, { exitCode: 2 });
        else command = found;
      }
      await prepare(command);
      command.outputHelp();
    });
}

function globalOptions(root: Command): GlobalOptions {
  const { server, output, quiet, yes } = root.opts<Partial<GlobalOptions>>();
  return {
    ...(server === undefined ? {} : { server }),
    output: output === 'json' ? 'json' : 'table',
    quiet: quiet === true,
    yes: yes === true,
  };
}

async function createSurroundings(io: Io, global: GlobalOptions): Promise<Surroundings> {
  const { createPrinter } = await import('./terminal/print.ts');
  let client: Promise<Surroundings['api']> | undefined;
  const connect = async () => (await import('./connection/connect.ts')).connect(io, global.server);
  return {
    io,
    global,
    print: createPrinter(io, global),
    api: async (call, input) => {
      client ??= connect();
      return (await client)(call, input);
    },
  };
}

async function reportFailure(error: unknown, io: Io, output: 'table' | 'json'): Promise<number> {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const { describeError, formatProblem, INTERRUPTED } = await import('./terminal/report-error.ts');
  if (error instanceof CommanderError && error.code === 'commander.help') return 2;
  if (io.signal.aborted || (error instanceof Error && error.name === 'AbortError')) return INTERRUPTED;
  const { exitCode, problem } = describeError(error instanceof CommanderError ? await usageError(error) : error);
  io.stderr.write(`${formatProblem(problem, output)}\n`);
  return exitCode;
}

async function usageError(error: CommanderError): Promise<Error> {
  const { specificError } = await import('./terminal/report-error.ts');
  const [message = '', ...suggestion] = error.message.replace(/^error: /, '').split('\n');
  const hint = suggestion.join(' ').replaceAll(/^\(|\)$/g, '');
  return specificError('invalid_request', message, hint === '' ? 'See the same command with --help.' : hint);
}
