import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobId } from '@cpm/core';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { rolldown } from 'rolldown';
import type { Database } from '../../packages/server/src/db/schema.ts';
import { enqueueJob } from '../../packages/server/src/engine/jobs.ts';
import type { ChildInput } from './engine-child.ts';

const CHILD_SOURCE = fileURLToPath(new URL('engine-child.ts', import.meta.url));

export type Rig = {
  readonly db: Kysely<Database>;
  readonly url: string;
  readonly dir: string;
  readonly effectsFile: string;
  readonly children: Set<ChildProcess>;
};

/** Tables and a file in which the effects of jobs are counted. */
export async function createRig(db: Kysely<Database>, url: string): Promise<Rig> {
  await sql`create table stories (job_id uuid primary key, kind text not null, phase text not null)`.execute(db);
  await sql`create table ledger (job_id uuid not null, entry text not null, worker text not null)`.execute(db);
  const dir = await mkdtemp(path.join(tmpdir(), 'cpm-crash-'));
  const effectsFile = path.join(dir, 'effects');
  await writeFile(effectsFile, '');
  await bundle(CHILD_SOURCE, dir);
  return { db, url, dir, effectsFile, children: new Set() };
}

/** Workers are started a hundred times: from one file, as the product is built, each start costs a tenth of a second. */
async function bundle(source: string, dir: string): Promise<void> {
  const build = await rolldown({ input: source, platform: 'node', logLevel: 'silent' });
  await build.write({ dir, entryFileNames: 'worker.mjs', format: 'esm' });
  await build.close();
}

export async function removeRig({ children, dir }: Rig): Promise<void> {
  await Promise.all([...children].map((child) => end(child, 'SIGKILL')));
  await rm(dir, { recursive: true, force: true });
}

export type ChildOptions = Partial<Pick<ChildInput, 'leaseMs' | 'concurrency' | 'isVictim'>>;

/** Starts a worker process and waits until it works. */
export async function startChild(rig: Rig, name: string, options: ChildOptions = {}): Promise<ChildProcess> {
  const { url, effectsFile, dir } = rig;
  const input: ChildInput = { name, url, effectsFile, leaseMs: 15_000, concurrency: 10, isVictim: false, ...options };
  const child = spawn(process.execPath, [path.join(dir, 'worker.mjs')], {
    env: { ...process.env, CPM_CRASH_CHILD: JSON.stringify(input), NODE_COMPILE_CACHE: path.join(dir, 'compiled') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  rig.children.add(child);
  child.once('exit', () => rig.children.delete(child));
  const ready = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (child.exitCode !== null) throw new Error(`worker ${name} ended at once: ${String(ready)}`);
  return child;
}

/** Sends the signal and waits until the process is gone. */
export async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

/** Stores a job together with the record its runner works on. */
export async function enqueueStory({ db }: Rig, kind: 'story' | 'fenced'): Promise<JobId> {
  return db.transaction().execute(async (trx) => {
    const id = await enqueueJob(trx, { kind, subjectId: randomUUID(), ownerId: null });
    await sql`insert into stories values (${id}, ${kind}, 'starting')`.execute(trx);
    return id;
  });
}

/** Whether every stored job has ended. */
export async function areAllEnded({ db }: Rig): Promise<boolean> {
  const { rows } = await sql`select from jobs where state in ('waiting', 'running') limit 1`.execute(db);
  return rows.length === 0;
}

const EXPECTED = {
  story: ['parked', 'noted', 'ended', 'before', 'create-0', 'create-1', 'create-2', 'after'],
  fenced: ['noted-0', 'noted-1', 'noted-2', 'parked', 'ended'],
};

export type Tally = {
  readonly jobs: number;
  readonly effects: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly unfinished: number;
};

/** Counts every effect in the database and outside against what each job should have left. */
export async function tally({ db, effectsFile }: Rig): Promise<Tally> {
  const stories = (
    await sql<{ id: string; kind: 'story' | 'fenced'; isDone: boolean }>`
      select s.job_id as id, s.kind, s.phase = 'done' and j.state = 'done' as "isDone"
      from stories s left join jobs j on j.id = s.job_id`.execute(db)
  ).rows;
  const entries = (await sql<{ line: string }>`select job_id || ' ' || entry as line from ledger`.execute(db)).rows;
  const outside = (await readFile(effectsFile, 'utf8')).split('\n').filter((line) => line !== '');
  const counts = new Map<string, number>();
  for (const line of [...entries.map((entry) => entry.line), ...outside]) counts.set(line, (counts.get(line) ?? 0) + 1);
  const expected = stories.flatMap(({ id, kind }) => EXPECTED[kind].map((name) => `${id} ${name}`));
  const known = new Set(expected);
  return {
    jobs: stories.length,
    effects: [...counts.values()].reduce((sum, n) => sum + n, 0),
    lost: expected.filter((line) => !counts.has(line)),
    doubled: [...counts].filter(([line, n]) => n > 1 || !known.has(line)).map(([line]) => line),
    unfinished: stories.filter((story) => !story.isDone).length,
  };
}

/** The figures of a run, where whoever runs the tests sees them. */
export function report(title: string, figures: Readonly<Record<string, string | number>>): void {
  const text = Object.entries(figures).map(([name, figure]) => `${name} ${figure}`);
  process.stdout.write(`${title}: ${text.join(', ')}\n`);
}
