import { choicesOf, type LearnReply, type LearnRequest, NexusError } from '@nexus/contracts';
import { type History } from '../history/history.js';

const anonymous = 'anonymous';

/** Takes outcomes from outside. */
export class LearnHandler {
  constructor(private readonly history: History) {}

  /** @throws NexusError `invalid_argument` for a choice that the type of goal does not have */
  learn(user = anonymous, request: LearnRequest): Promise<LearnReply> {
    const choices: readonly string[] = choicesOf[request.type];
    if (!choices.includes(request.choice)) {
      const message = `for ${request.type} one of ${choices.join(', ')}`;
      throw new NexusError('invalid_argument', `choice: ${message}`, {
        details: [{ path: 'choice', message }],
      });
    }
    return this.history.tell(user, request);
  }
}
