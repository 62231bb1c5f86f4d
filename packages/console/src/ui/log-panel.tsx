import type { LogLine } from '@cpm/contract';
import { Button, Checkbox, NativeSelect } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery, useQueryClient, type QueryKey } from '@tanstack/react-query';
import { memo, useEffect, useRef, useState } from 'react';
import { formatMoment } from '../app/moments.ts';
import { useZone } from '../app/zone.ts';
import { FindField } from './list-panel.tsx';
import classes from './log-panel.module.css';
import { Panel } from './page.tsx';
import { ProblemNotice } from './problem-notice.tsx';

type Log = { readonly lines: readonly LogLine[]; readonly hasEnded: boolean };
type ReadLog = (
  query: { after: string | undefined; limit: string },
  signal: AbortSignal,
) => Promise<{ items: readonly LogLine[]; ended: boolean }>;

const LINES_AT_ONCE = 2000;
const REFRESH_MS = 2000;
/** Lines that are laid out together; those out of sight cost nothing. */
const CHUNK_LINES = 100;

type LogPanelProps = {
  readonly queryKey: QueryKey;
  readonly readLog: ReadLog;
  /** What the downloaded file is called. */
  readonly fileName: string;
};

/** A log, also while it grows: follow, level, search, download. */
export function LogPanel({ queryKey, readLog, fileName }: LogPanelProps) {
  const { data, error, refetch } = useLog(queryKey, readLog);
  const { zone } = useZone();
  const [level, setLevel] = useState<Level>('info');
  const [find, setFind] = useState('');
  const [isFollowing, setFollowing] = useState(true);
  const words = find.toLowerCase();
  const lines = data?.lines ?? noLines;
  const shown = lines.filter((line) => LEVELS[line.level] >= LEVELS[level] && line.text.toLowerCase().includes(words));
  return (
    <Panel
      title="Log"
      flush
      tools={
        <>
          <FindField label="Find in the log" value={find} onChange={setFind} />
          <NativeSelect
            size="xs"
            aria-label="Level"
            value={level}
            data={[
              { value: 'info', label: 'All levels' },
              { value: 'warning', label: 'Warnings and errors' },
              { value: 'error', label: 'Errors' },
            ]}
            onChange={({ currentTarget }) => setLevel(currentTarget.value as Level)}
          />
          <Checkbox
            size="xs"
            label="Follow"
            checked={isFollowing}
            onChange={({ currentTarget }) => setFollowing(currentTarget.checked)}
          />
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} />}
            disabled={lines.length === 0}
            onClick={() => download(lines, fileName)}
          >
            Download
          </Button>
        </>
      }
    >
      {error && !data && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      <LogLines lines={shown} zone={zone} isFollowing={isFollowing} />
      {data && shown.length === 0 && (
        <p className={classes.none}>{lines.length === 0 ? 'Nothing is written yet.' : 'No line matches.'}</p>
      )}
    </Panel>
  );
}

const noLines: readonly LogLine[] = [];
type Level = LogLine['level'];
const LEVELS: Record<Level, number> = { info: 0, warning: 1, error: 2 };

/** Reads only what was written since the last time. */
function useLog(queryKey: QueryKey, readLog: ReadLog) {
  const client = useQueryClient();
  return useQuery<Log>({
    queryKey,
    structuralSharing: false,
    refetchInterval: ({ state }) => (state.data?.hasEnded ? false : REFRESH_MS),
    queryFn: async ({ signal }) => {
      let log = client.getQueryData<Log>(queryKey) ?? { lines: noLines, hasEnded: false };
      let isMore = true;
      while (isMore) {
        const after = log.lines.at(-1)?.seq;
        const page = await readLog({ after: after?.toString(), limit: String(LINES_AT_ONCE) }, signal);
        log = { lines: page.items.length === 0 ? log.lines : [...log.lines, ...page.items], hasEnded: page.ended };
        isMore = page.items.length >= LINES_AT_ONCE;
      }
      return log;
    },
  });
}

type LogLinesProps = { readonly lines: readonly LogLine[]; readonly zone: string; readonly isFollowing: boolean };

function LogLines({ lines, zone, isFollowing }: LogLinesProps) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isFollowing && lines.length > 0 && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [isFollowing, lines]);
  const chunks = Array.from({ length: Math.ceil(lines.length / CHUNK_LINES) }, (_, index) =>
    lines.slice(index * CHUNK_LINES, (index + 1) * CHUNK_LINES),
  );
  if (lines.length === 0) return null;
  return (
    // A region that scrolls must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section ref={box} className={classes.box} aria-label="Log lines" tabIndex={0}>
      {chunks.map((chunk) => (
        <LogChunk key={chunk[0]?.seq} lines={chunk} zone={zone} lastSeq={chunk.at(-1)?.seq} />
      ))}
    </section>
  );
}

type LogChunkProps = {
  readonly lines: readonly LogLine[];
  readonly zone: string;
  readonly lastSeq: number | undefined;
};

/** Drawn again only when a line was added to it: lines themselves never change. */
const LogChunk = memo(
  function LogChunk({ lines, zone }: LogChunkProps) {
    // The end of the log is what is looked at: it is always laid out.
    const isFull = lines.length === CHUNK_LINES;
    return (
      <div className={isFull ? classes.fullChunk : undefined}>
        {lines.map(({ seq, at, level, text }) => (
          <div key={seq} id={`line-${seq}`} className={classes.line} data-level={level}>
            <time dateTime={at}>{formatMoment(at, zone)}</time>
            <span className={classes.level}>{LEVEL_WORDS[level]}</span>
            <span className={classes.text}>{text}</span>
          </div>
        ))}
      </div>
    );
  },
  (before, after) =>
    before.lastSeq === after.lastSeq && before.lines.length === after.lines.length && before.zone === after.zone,
);

const LEVEL_WORDS: Record<Level, string> = { info: 'Info', warning: 'Warning', error: 'Error' };

/** Saves the lines as a text file; times in ISO form, so that the file means the same everywhere. */
function download(lines: readonly LogLine[], fileName: string): void {
  const text = lines.map(({ at, level, text }) => `${at}\t${level}\t${text}\n`).join('');
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = fileName;
  anchor.click();
  URL.revokeObjectURL(address);
}
