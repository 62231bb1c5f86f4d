import type { Settings } from '@cpm/contract';
import type { Printer } from '../terminal/print.ts';

/** Shows the general settings. */
export function printSettings(print: Printer, settings: Settings): void {
  print.one(
    settings,
    [
      ['server zone', settings.serverZone],
      ['clean-up time', settings.cleanupTime],
      ['keep records', `${settings.keepRecordDays} days`],
      ['catch up missed', settings.catchUpMissed],
      ['reconcile every', `${settings.reconcileEveryHours} hours`],
    ],
    '',
  );
}
