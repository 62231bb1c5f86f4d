import type { Trace } from '../../invariants/i05-scripts.ts';

/** Something that the world outside sees of a server: the nth call of an action, or the nth start of a script's step. */
export type Effect = { readonly service: string; readonly action: string; readonly nth: number };

/**
 * What happens to the server at an effect: killed before it, so that it never is; killed after it, before any answer; or
 * left alive with the answer lost. At a script also: killed as soon as its process is there, which nobody has been told of.
 */
export type Point = Effect & { readonly when: 'before' | 'starting' | 'after' | 'dropped' };

/** How the steps of scripts are called among the services of AWS. */
export const SCRIPT = 'script';
const CALL_WHENS = ['before', 'after', 'dropped'] as const;
const SCRIPT_WHENS = ['before', 'starting', 'after'] as const;
/** Of a read's many repeats the third stands for all that follow. */
const MOST_READS = 3;

type Call = { readonly service: string; readonly action: string };

/** Every effect of a play, from the calls that AWS saw and the lines that its scripts wrote, in the order of their first. */
export function effectsOf(calls: readonly Call[], trace: readonly Trace[]): Effect[] {
  // A connection that is opened in advance asks for nothing.
  const asked = calls.filter(({ action }) => action !== '');
  const seen: Call[] = [...asked, ...trace.map(({ step }) => ({ service: SCRIPT, action: step }))];
  return [...Map.groupBy(seen, ({ service, action }) => `${service} ${action}`).values()].flatMap((same) => {
    const [{ service, action } = { service: '', action: '' }] = same;
    const isRead = service !== SCRIPT && /^(?:Describe|Get|List)/.test(action);
    const count = isRead ? Math.min(same.length, MOST_READS) : same.length;
    return Array.from({ length: count }, (_, at) => ({ service, action, nth: at + 1 }));
  });
}

/** All that is done to the server at these effects. */
export const pointsOf = (effects: readonly Effect[]): Point[] =>
  effects.flatMap((effect) =>
    (effect.service === SCRIPT ? SCRIPT_WHENS : CALL_WHENS).map((when) => ({ ...effect, when })),
  );

/** "ec2 CreateSnapshots 2 dropped". */
export const nameOf = ({ service, action, nth, when }: Point): string => `${service} ${action} ${nth} ${when}`;

/** Reads a point's name; null where it is none. */
export function parsePoint(text: string): Point | null {
  const [, service, action, nth, word] = /^(\w+) (\w+) ([1-9]\d{0,3}) (\w+)$/.exec(text) ?? [];
  const when = (service === SCRIPT ? SCRIPT_WHENS : CALL_WHENS).find((each) => each === word);
  return service === undefined || action === undefined || when === undefined
    ? null
    : { service, action, nth: Number(nth), when };
}
