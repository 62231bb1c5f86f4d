import type { ServerResponse } from 'node:http';
import type { UserId } from '@cpm/core';

/** How many past events a reader that comes back can still be given. */
const KEPT_EVENTS = 2000;
const MAX_STREAMS_PER_USER = 20;

type Sent = { readonly seq: number; readonly ownerId: UserId; readonly noun: string; readonly id: string };
type Reader = { readonly ownerId: UserId; readonly response: ServerResponse };

/** The open server-sent event streams of this process (WHATWG HTML, "Server-sent events"). */
export type LiveStreams = {
  /** Takes one notification of `CHANGE_CHANNEL` and passes it to its owner's readers. */
  readonly publish: (payload: string) => void;
  /** Notifications may have been missed: every reader is told to read anew. */
  readonly resync: () => void;
  /** Adds a reader; answers how to take it off, or null when the user has too many open already. */
  readonly open: (ownerId: UserId, response: ServerResponse, lastEventId: string | undefined) => (() => void) | null;
  readonly close: () => void;
};

/** Makes the streams; `start` names this run of the server, so that ids of an earlier run mean "read anew". */
export function createLiveStreams(start: string): LiveStreams {
  const readers = new Set<Reader>();
  const kept: Sent[] = [];
  let seq = 0;

  // What comes at once goes out at once: a thousand backups that start together are a packet or two, not a thousand.
  const write = ({ response }: Reader, text: string) => {
    if (response.writableCorked === 0) {
      response.cork();
      setImmediate(() => response.uncork());
    }
    response.write(text);
  };
  const frame = (event: Sent) =>
    `id: ${start}-${event.seq}\nevent: ${event.noun}\ndata: ${JSON.stringify({ id: event.id })}\n\n`;
  const resyncFrame = () => `id: ${start}-${seq}\nevent: resync\ndata: {"id":""}\n\n`;

  const catchUp = (reader: Reader, lastEventId: string | undefined) => {
    if (lastEventId === undefined) return write(reader, `id: ${start}-${seq}\nretry: 2000\n: open\n\n`);
    const [run, last] = splitLast(lastEventId);
    const oldest = kept[0]?.seq ?? seq + 1;
    if (run !== start || last + 1 < oldest) return write(reader, resyncFrame());
    for (const event of kept) if (event.seq > last && event.ownerId === reader.ownerId) write(reader, frame(event));
  };

  return {
    publish(payload) {
      const [ownerId, noun, ...ids] = payload.split(' ');
      if (ownerId === undefined || noun === undefined) return;
      const events = ids.map((id): Sent => ({ seq: ++seq, ownerId: ownerId as UserId, noun, id }));
      kept.push(...events);
      kept.splice(0, kept.length - KEPT_EVENTS);
      const text = events.map(frame).join('');
      for (const reader of readers) if (reader.ownerId === ownerId) write(reader, text);
    },
    resync: () => readers.forEach((reader) => write(reader, resyncFrame())),
    open(ownerId, response, lastEventId) {
      const mine = [...readers].filter((reader) => reader.ownerId === ownerId);
      if (mine.length >= MAX_STREAMS_PER_USER) return null;
      const reader = { ownerId, response };
      readers.add(reader);
      catchUp(reader, lastEventId);
      return () => void readers.delete(reader);
    },
    close() {
      for (const { response } of readers) response.end();
      readers.clear();
    },
  };
}

function splitLast(id: string): [run: string, seq: number] {
  const dash = id.lastIndexOf('-');
  const last = Number(id.slice(dash + 1));
  return [id.slice(0, dash), Number.isSafeInteger(last) ? last : -1];
}
