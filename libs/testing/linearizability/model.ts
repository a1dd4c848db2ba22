/**
 * What one client after the other would see: the object that the system under test pretends to be. Operations on
 * different objects know nothing of each other, so that a history may be judged object by object (Herlihy and Wing,
 * §3.1, locality).
 */
export interface Model<Call, Answer, State> {
  readonly initial: State;
  /** Names the object that a call is about. */
  readonly objectOf: (call: Call) => string;
  /**
   * The state after the call took effect in `state` and was answered so; null when that answer cannot come there.
   * @param answer undefined when it is unknown; then a call that would change nothing gives the same state again
   */
  readonly step: (state: State, call: Call, answer: Answer | undefined) => State | null;
  /** Equal for states that cannot be told apart. */
  readonly fingerprint: (state: State) => string;
  /** For people. */
  readonly describe: (call: Call, answer: Answer | undefined) => string;
}
