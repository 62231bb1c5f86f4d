const HELP = `Usage: npm run bench -- NAME [options]      (npm run bench -- NAME --help)

  backup    one policy over many instances: AWS calls, skew, spread, lateness, CPU and memory beside the floor
  freeze    how long an application stands still between its scripts, with full and with emptied request limits
  schedule  many policies due in one second: how late their backups are committed
  retention deletion of old snapshots under AWS's request limits: how fast, and with how many calls
  recover   one instance beside the floor, and all of a policy at once under AWS's request limits
  footprint what the database grows by for each snapshot on record

Each prints what was reached beside the goal; other work on the machine shows in the figures.
`;

const NAMES = ['backup', 'freeze', 'schedule', 'retention', 'recover', 'footprint'] as const;

/** What each file in tests/bench offers. */
type Bench = { readonly help: string; readonly run: (args: readonly string[]) => Promise<boolean> };

async function bench([name, ...args]: readonly string[]): Promise<boolean> {
  const known = NAMES.find((each) => each === name);
  if (known === undefined) {
    const isAsked = name === undefined || name === '--help';
    (isAsked ? process.stdout : process.stderr).write(isAsked ? HELP : `There is no benchmark "${name}".\n\n${HELP}`);
    return isAsked;
  }
  const { help, run } = (await import(new URL(`../tests/bench/${known}.ts`, import.meta.url).href)) as Bench;
  if (!args.includes('--help')) return run(args);
  process.stdout.write(help);
  return true;
}

try {
  if (!(await bench(process.argv.slice(2)))) process.exitCode = 1;
} catch (error) {
  const isMistake = error instanceof TypeError;
  process.stderr.write(`${isMistake ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exitCode = isMistake ? 2 : 1;
}
