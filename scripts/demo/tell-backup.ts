import type { Backup, Client } from '@cpm/contract';
import { say } from './ask-cpm.ts';

/** What AWS said stands under the reasons in full. */
const LINE_LENGTH = 130;

/** Says what became of a backup, as a person reads it: outcome, reasons, snapshots, scripts, generations, retry, log. */
export async function tellBackup(call: Client, heading: string, backup: Backup): Promise<void> {
  const params = { backupId: backup.id };
  const [{ items: resources }, { items: scripts }, { items: lines }, kept] = await Promise.all([
    call('GET /backups/:backupId/resources', { params }),
    call('GET /backups/:backupId/scripts', { params }),
    call('GET /backups/:backupId/log', { params, query: {} }),
    countGenerations(call, backup),
  ]);
  const states = Map.groupBy(
    resources.flatMap(({ snapshots }) => snapshots),
    ({ state }) => state,
  );
  say(`\n${heading}`);
  tell('Outcome', [backup.statusText]);
  tell('Because', backup.reasons);
  tell('Snapshots', [[...states].map(([state, each]) => `${each.length} ${state}`).join(', ') || 'none']);
  tell(
    'Scripts',
    scripts.map(({ step, state, reason, argument, output }) =>
      [`"${step}"${argument === '' ? '' : ` (told ${argument})`}: ${state}`, reason, output?.trim()]
        .filter(Boolean)
        .join('; '),
    ),
  );
  tell('Generation', [`${backup.isGeneration ? 'yes' : 'no'}; the policy has ${kept} of 7`]);
  tell('Retry', [backup.retryAt === null ? 'none: no retries are left' : `at ${clockTime(backup.retryAt)}`]);
  tell(
    'Log',
    lines.map(({ at, level, text }) => cut(`${clockTime(at)} ${level.padEnd(7)} ${text}`)),
  );
}

function tell(label: string, texts: readonly string[]): void {
  for (const [index, text] of texts.entries()) say(`  ${(index === 0 ? label : '').padEnd(10)}  ${text}`);
}

async function countGenerations(call: Client, { policy }: Backup): Promise<number> {
  if (policy.id === null) return 0;
  const { items } = await call('GET /backups', { query: { policyId: policy.id, limit: 200 } });
  return items.filter(({ isGeneration }) => isGeneration).length;
}

const cut = (line: string): string => (line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)}…` : line);

const clockTime = (iso: string): string => new Date(iso).toTimeString().slice(0, 8);
