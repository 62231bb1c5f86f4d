import type { LoadedCommand } from './command.ts';

/** A command by its words; its file is loaded only when it is run or explained. */
export type Entry = {
  readonly path: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: LoadedCommand }>;
};

/** What each noun is. */
export const nouns: Readonly<Record<string, string>> = {
  account: 'AWS accounts that CPM can use',
  schedule: 'when policies are run',
  policy: 'what is backed up, when, and how long it is kept',
  backup: 'runs of policies, their snapshots and logs',
  freezer: 'backups that no rule deletes',
  deletion: 'the ledger of what was to be deleted',
  recover: 'make volumes or instances out of a backup',
  recovery: 'recoveries that were asked for, and what they made',
  alert: 'what is wrong now',
  reconciliation: 'the compare of AWS with the records',
  settings: 'the general settings of the server',
  token: 'API tokens',
};

/** Every command, in the order of the help. */
export const commands: readonly Entry[] = [
  { path: 'claim', summary: 'make the first root user of a new server', load: () => import('./claim.ts') },
  { path: 'login', summary: 'sign in and keep an API token for the next commands', load: () => import('./login.ts') },
  { path: 'logout', summary: 'end that token and forget it', load: () => import('./logout.ts') },
  { path: 'whoami', summary: 'show who is signed in, and where', load: () => import('./whoami.ts') },
  { path: 'account add', summary: 'add an AWS account', load: () => import('./account-add.ts') },
  { path: 'account list', summary: 'list the accounts', load: () => import('./account-list.ts') },
  { path: 'account show', summary: 'show one account', load: () => import('./account-show.ts') },
  { path: 'account verify', summary: 'ask AWS again whose the keys are', load: () => import('./account-verify.ts') },
  { path: 'account rotate', summary: 'replace the access key', load: () => import('./account-rotate.ts') },
  { path: 'account change', summary: 'rename it or change its options', load: () => import('./account-change.ts') },
  { path: 'account remove', summary: 'remove an account nothing uses', load: () => import('./account-remove.ts') },
  { path: 'account regions', summary: 'list its enabled regions', load: () => import('./account-regions.ts') },
  { path: 'account resources', summary: 'list what a region holds', load: () => import('./account-resources.ts') },
  { path: 'schedule create', summary: 'make a schedule', load: () => import('./schedule-create.ts') },
  { path: 'schedule list', summary: 'list the schedules', load: () => import('./schedule-list.ts') },
  { path: 'schedule show', summary: 'show one schedule', load: () => import('./schedule-show.ts') },
  { path: 'schedule preview', summary: 'show the next firings', load: () => import('./schedule-preview.ts') },
  { path: 'schedule change', summary: 'change a schedule', load: () => import('./schedule-change.ts') },
  { path: 'schedule remove', summary: 'remove a schedule no policy uses', load: () => import('./schedule-remove.ts') },
  { path: 'policy create', summary: 'make a policy', load: () => import('./policy-create.ts') },
  { path: 'policy list', summary: 'list the policies', load: () => import('./policy-list.ts') },
  { path: 'policy show', summary: 'show one policy', load: () => import('./policy-show.ts') },
  { path: 'policy change', summary: 'change a policy', load: () => import('./policy-change.ts') },
  { path: 'policy clone', summary: 'make another one like it', load: () => import('./policy-clone.ts') },
  { path: 'policy remove', summary: 'remove a policy with all its backups', load: () => import('./policy-remove.ts') },
  { path: 'policy add-target', summary: 'add what is to be backed up', load: () => import('./policy-add-target.ts') },
  { path: 'policy list-targets', summary: 'list what is backed up', load: () => import('./policy-list-targets.ts') },
  { path: 'policy change-target', summary: 'choose its volumes', load: () => import('./policy-change-target.ts') },
  { path: 'policy remove-target', summary: 'take a target out', load: () => import('./policy-remove-target.ts') },
  { path: 'policy run', summary: 'start a backup now', load: () => import('./policy-run.ts') },
  {
    path: 'policy retention',
    summary: 'preview what is kept and deleted',
    load: () => import('./policy-retention.ts'),
  },
  { path: 'backup list', summary: 'list the backups, newest first', load: () => import('./backup-list.ts') },
  { path: 'backup show', summary: 'show one backup', load: () => import('./backup-show.ts') },
  { path: 'backup log', summary: 'show its log', load: () => import('./backup-log.ts') },
  { path: 'backup follow', summary: 'watch it until it has ended', load: () => import('./backup-follow.ts') },
  { path: 'backup resources', summary: 'list what it holds', load: () => import('./backup-resources.ts') },
  { path: 'backup freeze', summary: 'keep it from every rule', load: () => import('./backup-freeze.ts') },
  { path: 'backup delete', summary: 'delete it with its snapshots', load: () => import('./backup-delete.ts') },
  { path: 'freezer list', summary: 'list the frozen backups', load: () => import('./freezer-list.ts') },
  { path: 'freezer change', summary: 'rename or describe one', load: () => import('./freezer-change.ts') },
  { path: 'freezer delete', summary: 'delete one with its snapshots', load: () => import('./freezer-delete.ts') },
  {
    path: 'deletion list',
    summary: 'list what was to be deleted, newest first',
    load: () => import('./deletion-list.ts'),
  },
  { path: 'recover volume', summary: 'make new volumes', load: () => import('./recover-volume.ts') },
  { path: 'recover instance', summary: 'launch a new instance', load: () => import('./recover-instance.ts') },
  { path: 'recovery list', summary: 'list the recoveries, newest first', load: () => import('./recovery-list.ts') },
  { path: 'recovery show', summary: 'show one recovery', load: () => import('./recovery-show.ts') },
  { path: 'recovery log', summary: 'show its log', load: () => import('./recovery-log.ts') },
  { path: 'alert list', summary: 'list the alerts, newest first', load: () => import('./alert-list.ts') },
  {
    path: 'reconciliation show',
    summary: 'show when it was last done',
    load: () => import('./reconciliation-show.ts'),
  },
  {
    path: 'reconciliation findings',
    summary: 'list where they differed',
    load: () => import('./reconciliation-findings.ts'),
  },
  { path: 'reconciliation run', summary: 'compare all accounts now', load: () => import('./reconciliation-run.ts') },
  { path: 'settings show', summary: 'show the settings', load: () => import('./settings-show.ts') },
  { path: 'settings change', summary: 'change settings', load: () => import('./settings-change.ts') },
  { path: 'token create', summary: 'make an API token; it is shown once', load: () => import('./token-create.ts') },
  { path: 'token list', summary: 'list the API tokens', load: () => import('./token-list.ts') },
  { path: 'token remove', summary: 'end an API token', load: () => import('./token-remove.ts') },
  { path: 'completion', summary: 'print a completion script for a shell', load: () => import('./completion.ts') },
];
