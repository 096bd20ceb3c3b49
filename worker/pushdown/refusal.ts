/** Thrown where a rule of an analysis cannot be said in SQL with its meaning, and caught by `pushDown`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** One sentence, for people. */
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}
