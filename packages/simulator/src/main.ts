import { parseArgs } from 'node:util';
import { readEstate } from './estates/read-estate.ts';
import { startSimulator, type SimulatorOptions } from './index.ts';

const usage = `usage: simulator [--port N] [--estate acme|every-kind|fleet:INSTANCESxVOLUMES|FILE.json] [--clock real|manual] [--start TIME] [--limits on|off] [--consistency SECONDS] [--seed N] [--state FILE]`;

const numberFrom = (text: string | undefined, name: string): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^\d+(?:\.\d+)?$/.test(text)) throw new RangeError(`--${name} must be a number`);
  return Number(text);
};

const readOptions = (argv: readonly string[]): SimulatorOptions => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { type: 'string' },
      estate: { type: 'string' },
      clock: { type: 'string' },
      start: { type: 'string' },
      limits: { type: 'string' },
      consistency: { type: 'string' },
      seed: { type: 'string' },
      state: { type: 'string' },
    },
  });
  const { clock = 'real', limits = 'on', start } = values;
  if (clock !== 'real' && clock !== 'manual') throw new RangeError('--clock must be real or manual');
  if (limits !== 'on' && limits !== 'off') throw new RangeError('--limits must be on or off');
  const port = numberFrom(values.port, 'port') ?? 5566;
  if (!Number.isInteger(port) || port > 65_535) throw new RangeError('--port must be between 0 and 65535');
  const startMs = start === undefined ? undefined : Date.parse(start);
  if (Number.isNaN(startMs)) throw new RangeError('--start must be an ISO 8601 time');
  const consistency = numberFrom(values.consistency, 'consistency');
  const seed = numberFrom(values.seed, 'seed');
  return {
    port,
    estate: readEstate(values.estate ?? 'acme'),
    clock,
    ...(startMs === undefined ? {} : { startMs }),
    ...(limits === 'off' ? { limits } : {}),
    ...(consistency === undefined ? {} : { consistencyMs: consistency * 1000 }),
    ...(seed === undefined ? {} : { seed }),
    ...(values.state === undefined ? {} : { stateFile: values.state }),
  };
};

const explain = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return String(thrown);
  if ('code' in thrown && thrown.code === 'EADDRINUSE') return 'the port is already in use; choose another with --port';
  return thrown.message;
};

const run = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2));
  const simulator = await startSimulator(options);
  const estate = typeof options.estate === 'object' ? options.estate : undefined;
  const lines = [
    `AWS simulator ready at ${simulator.url} (estate ${estate?.name ?? ''})`,
    ...(estate?.accounts ?? []).flatMap((account) =>
      account.accessKeys.map(
        (key) =>
          `  account ${account.id} ${account.alias ?? ''}: AWS_ACCESS_KEY_ID=${key.accessKeyId} AWS_SECRET_ACCESS_KEY=${key.secretAccessKey}`,
      ),
    ),
    `  control: ${simulator.url}/_simulator/clock, faults, inventory, calls, settings, reset`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  const end = (): void => {
    void simulator.stop().then(() => process.exit(0));
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
};

run().catch((thrown: unknown) => {
  process.stderr.write(`simulator: ${explain(thrown)}\n`);
  if (thrown instanceof TypeError || thrown instanceof RangeError) process.stderr.write(`${usage}\n`);
  process.exitCode = 1;
});
