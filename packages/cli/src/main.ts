import { runProgram } from './program.ts';

const GRACE_MS = 500;
const interruption = new AbortController();

process.once('SIGINT', () => {
  interruption.abort();
  // What does not listen to the signal, such as a line that standard input still owes, is not waited for.
  setTimeout(() => process.exit(130), GRACE_MS).unref();
});
for (const stream of [process.stdout, process.stderr]) {
  // The reader has gone (`cpm … | head`): there is nobody left to tell.
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}

process.exitCode = await runProgram(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: interruption.signal,
});
