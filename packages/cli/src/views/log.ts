import { setTimeout as delay } from 'node:timers/promises';
import type { LogLine } from '@cpm/contract';
import { flag } from '../command.ts';
import type { Surroundings } from '../surroundings.ts';
import { formatTime } from '../terminal/time.ts';
import { visible } from '../terminal/visible.ts';

const LINES_A_CALL = 1000;
const POLL_MS = 1000;

type LogQuery = { readonly after: number | undefined; readonly limit: number };
type LogPart = { readonly items: readonly LogLine[]; readonly ended: boolean };

/** The options of every command that shows a log. */
export const logOptions = { follow: flag('-f, --follow', 'Go on until what is logged has ended.') };

/** Shows a log to its end; with `isFollowed` until what it tells of has ended. As JSON it is one document. */
export async function printLog(
  { io, global, print }: Pick<Surroundings, 'io' | 'global' | 'print'>,
  isFollowed: boolean,
  read: (query: LogQuery) => Promise<LogPart>,
): Promise<void> {
  const all: LogLine[] = [];
  let after: number | undefined;
  for (;;) {
    const part = await read({ after, limit: LINES_A_CALL });
    after = part.items.at(-1)?.seq ?? after;
    if (global.output === 'json') all.push(...part.items);
    else print.lines(part.items.map(formatLogLine));
    if (part.items.length > 0) continue;
    if (part.ended || !isFollowed) {
      if (global.output === 'json') print.json({ items: all, ended: part.ended });
      return;
    }
    await delay(POLL_MS, undefined, { signal: io.signal });
  }
}

/** One line of a log, whatever its text holds. */
export function formatLogLine({ at, level, text }: LogLine): string {
  return `${formatTime(at)}  ${level.padEnd(7)}  ${visible(text)}`;
}
