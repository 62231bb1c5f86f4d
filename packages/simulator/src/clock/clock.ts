/** Where the simulator's time comes from. Nothing in it runs on timers: every state follows from `now()` when it is read. */
export type Clock = { readonly now: () => number };

/** A clock that can be steered over `/_simulator/clock`. */
export type SteeredClock = Clock & {
  readonly describe: () => {
    readonly now: string;
    readonly epochMs: number;
    readonly mode: 'real' | 'manual';
    readonly speed: number;
  };
  readonly advance: (ms: number) => void;
  /** Moves to a moment (epoch ms). Throws a RangeError for one in the past: what happened cannot unhappen. */
  readonly set: (epochMs: number) => void;
  readonly setMode: (mode: 'real' | 'manual') => void;
  /** How many simulated seconds pass in one real second while the mode is real. */
  readonly setSpeed: (speed: number) => void;
};

/** A clock that starts at `startMs` and runs (real) or stands until moved (manual). `wallMs` is the machine's own time. */
export const steeredClock = (input: {
  readonly mode: 'real' | 'manual';
  readonly startMs?: number | undefined;
  readonly wallMs?: () => number;
}): SteeredClock => {
  const wallMs = input.wallMs ?? Date.now;
  let { mode } = input;
  let speed = 1;
  let baseWall = wallMs();
  let base = input.startMs ?? baseWall;

  const now = (): number => (mode === 'manual' ? base : base + (wallMs() - baseWall) * speed);
  const rebase = (epochMs: number): void => {
    base = epochMs;
    baseWall = wallMs();
  };
  return {
    now,
    describe: () => ({ now: new Date(now()).toISOString(), epochMs: now(), mode, speed }),
    advance: (ms) => {
      if (!Number.isFinite(ms) || ms < 0) throw new RangeError('the clock only moves forward');
      rebase(now() + ms);
    },
    set: (epochMs) => {
      if (!Number.isFinite(epochMs) || epochMs < now()) throw new RangeError('the clock only moves forward');
      rebase(epochMs);
    },
    setMode: (next) => {
      rebase(now());
      mode = next;
    },
    setSpeed: (next) => {
      if (!Number.isFinite(next) || next <= 0) throw new RangeError('speed must be above 0');
      rebase(now());
      speed = next;
    },
  };
};
