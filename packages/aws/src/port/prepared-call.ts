/** A call that is written and signed, so that nothing is left to do but to send it. */
export type PreparedCall<Answer> = {
  /** Answers and throws what the call itself would; what has become too old, or could not be made ready, is made anew. Once. */
  readonly send: () => Promise<Answer>;
  /** It is not wanted any more. Does nothing once it was sent. */
  readonly drop: () => void;
};
