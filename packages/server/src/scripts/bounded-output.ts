/** How much of the beginning and of the end of an output is kept, each. */
const KEPT_BYTES = 512 * 1024;

export type BoundedOutput = {
  /** Takes a copy of what it keeps; the chunk may be written over afterwards. */
  readonly add: (chunk: Uint8Array) => void;
  /** What was kept, as text that can be shown and stored: the beginning, a note on what was cut, the end. */
  readonly text: () => string;
};

/** Collects an output of any length in at most 1 MiB: its first and its last 512 KiB (F21). */
export function createBoundedOutput(keptBytes: number = KEPT_BYTES): BoundedOutput {
  let head = Buffer.alloc(0);
  let tail: Buffer | undefined;
  let total = 0;
  const addToTail = (chunk: Uint8Array) => {
    tail ??= Buffer.alloc(keptBytes);
    const last = chunk.subarray(Math.max(chunk.length - keptBytes, 0));
    const at = (total - keptBytes + chunk.length - last.length) % keptBytes;
    const untilEnd = Math.min(last.length, keptBytes - at);
    tail.set(last.subarray(0, untilEnd), at);
    tail.set(last.subarray(untilEnd), 0);
    total += chunk.length;
  };
  const add = (chunk: Uint8Array) => {
    const room = keptBytes - head.length;
    const first = chunk.subarray(0, Math.max(room, 0));
    if (first.length > 0) {
      head = Buffer.concat([head, first]);
      total += first.length;
    }
    const rest = chunk.subarray(first.length);
    if (rest.length > 0) addToTail(rest);
  };
  const text = () => {
    const inTail = total - head.length;
    if (tail === undefined || inTail <= keptBytes) {
      return printable(Buffer.concat([head, tail?.subarray(0, inTail) ?? Buffer.alloc(0)]));
    }
    const at = inTail % keptBytes;
    const end = Buffer.concat([tail.subarray(at), tail.subarray(0, at)]);
    const cut = inTail - keptBytes;
    return `${printable(head)}\n[… ${cut.toLocaleString('en')} bytes were cut here …]\n${printable(end)}`;
  };
  return { add, text };
}

/**
 * Bytes as text that a terminal, a database and a browser take as text: what is no UTF-8 and what reorders text becomes �,
 * a control character its picture (␀, ␛).
 */
export function printable(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replaceAll('\r\n', '\n').replaceAll(UNPRINTABLE, pictureOf);
}

const UNPRINTABLE = /\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function pictureOf(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (char === '\n' || char === '\t') return char;
  if (code < 0x20) return String.fromCodePoint(0x24_00 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}
