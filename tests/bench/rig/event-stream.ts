/** What the server has told of its backups and recoveries: after the commit of what it tells. */
export type EventStream = {
  /** When each backup was first heard of, epoch ms. */
  readonly firstHeard: ReadonlyMap<string, number>;
  /** Resolves at the next event about a backup or a recovery, or when so much time has gone by. */
  readonly next: (withinMs: number) => Promise<void>;
  readonly close: () => void;
};

/** Reads the live events of the signed-in user (`GET /api/v1/events`). */
export async function readEvents(url: string, cookie: string): Promise<EventStream> {
  const ending = new AbortController();
  const { body } = await fetch(url, { headers: { cookie }, signal: ending.signal });
  if (body === null) throw new Error('the server opened no event stream');
  const firstHeard = new Map<string, number>();
  let waiting: (() => void)[] = [];
  const hear = (block: string) => {
    const [, noun, id] = /^event: (backup|recovery)\ndata: \{"id":"([^"]+)"/m.exec(block) ?? [];
    if (id === undefined) return;
    if (noun === 'backup' && !firstHeard.has(id)) firstHeard.set(id, performance.timeOrigin + performance.now());
    for (const wake of waiting.splice(0)) wake();
  };
  const read = async () => {
    let rest = '';
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      blocks.forEach(hear);
    }
  };
  // It ends with the server or with us; whoever still waits is woken by his own patience.
  read().catch(() => undefined);
  return {
    firstHeard,
    next: (withinMs) =>
      new Promise((resolve) => {
        const patience = setTimeout(resolve, withinMs);
        waiting.push(() => {
          clearTimeout(patience);
          resolve();
        });
      }),
    close: () => ending.abort(),
  };
}
