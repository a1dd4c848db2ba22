import { type ExplainReply, type ExplainRequest, NexusError } from '@nexus/contracts';
import { type History } from '../history/history.js';

/** Finds what a coordination met, what was chosen and why. */
export class ExplainHandler {
  constructor(private readonly history: History) {}

  /** @throws NexusError `not_found` when the history does not have it, not yet or not any more */
  async explain({ coordinationId }: ExplainRequest): Promise<ExplainReply> {
    const outcome = await this.history.find(coordinationId);
    if (outcome) return outcome;
    throw new NexusError('not_found', 'the history has no such coordination: it may be too new, or too old');
  }
}
