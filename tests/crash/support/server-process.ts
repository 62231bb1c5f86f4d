import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { SERVER_FILE } from './bundled-server.ts';
import type { ServerChildInput } from './server-child.ts';

/** A server in a process of its own. */
export type ServerProcess = {
  readonly port: number;
  readonly isDead: () => boolean;
  /** Sends an order and waits until it is carried out, or the process is dead. */
  readonly order: (words: string, answer: string) => Promise<void>;
  /** Kills it at once and waits until it is gone. */
  readonly kill: () => Promise<void>;
};

type Wish = {
  readonly input: ServerChildInput;
  /** Where the bundle is. */
  readonly dir: string;
  readonly onLog: (text: string) => void;
};

/** Starts a server; throws with what it logged when it does not come up. */
export async function startServerProcess({ input, dir, onLog }: Wish): Promise<ServerProcess> {
  const env = { ...process.env, CPM_TEST_CHILD: JSON.stringify(input), NODE_COMPILE_CACHE: join(dir, 'compiled') };
  const child = spawn(process.execPath, [join(dir, SERVER_FILE)], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let logged = '';
  child.stderr.on('data', (chunk: Buffer) => {
    logged += chunk.toString();
    onLog(chunk.toString());
  });
  // Writing to a process that was just killed is no news.
  child.stdin.on('error', () => undefined);
  const isDead = () => child.exitCode !== null || child.signalCode !== null;
  const line = answersOf(child);
  const ready = await line('ready');
  if (ready === null) throw new Error(`the server did not start: ${logged}`);
  return {
    port: Number(ready.split(' ')[1]),
    isDead,
    order: async (words, answer) => {
      child.stdin.write(`${words}\n`);
      await line(answer);
    },
    kill: async () => {
      if (isDead()) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Answers the next line that begins so; null when the process has ended. */
function answersOf(child: ChildProcessWithoutNullStreams) {
  const lines: string[] = [];
  let isOver = false;
  let wake = () => undefined as void;
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    wake();
  });
  child.on('exit', () => {
    isOver = true;
    wake();
  });
  return async (begin: string): Promise<string | null> => {
    for (;;) {
      const at = lines.findIndex((line) => line.startsWith(begin));
      const [found] = at < 0 ? [] : lines.splice(0, at + 1).slice(-1);
      if (found !== undefined) return found;
      if (isOver) return null;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
}
