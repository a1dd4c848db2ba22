/** How long a request may take that names no time of its own. A class, so that Nest can inject it. */
export class ConsensusTimeout {
  /** In milliseconds. */
  constructor(readonly ms: number) {}
}
