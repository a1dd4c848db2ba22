import { type ErrorCode, type MessageKind, NexusError } from '@nexus/contracts';
import { type AgentRoster, type Coordination } from '../coordination/coordination.js';
import { type AgentLine } from '../fleet/agent-line.js';
import { type Answer } from '../fleet/answer.js';

export interface Question {
  readonly kind: MessageKind;
  readonly payload: unknown;
  /** Turns an answer into what the goal needs of it, or into a failure of that agent. */
  readonly interpret?: (data: unknown) => Answer;
  /** Told of each answer as it comes. */
  readonly onAnswered?: (agentId: string, data: unknown) => void;
}

/**
 * Asks every targeted agent the same, and returns as soon as all are accounted for, at the latest at the deadline.
 * Whoever was silent until then is missing.
 */
export async function askAll(
  line: AgentLine,
  coordination: Coordination,
  question: Question,
): Promise<AgentRoster> {
  const { roster, deadline, targets } = coordination;
  const body = line.encode(coordination, question.kind, question.payload);
  const fail = (slot: number, code: ErrorCode, message: string) => {
    if (roster.fail(slot, { code, message }) !== 'accepted') return;
    const { agentId } = targets.agents[slot]!;
    coordination.parts.push('failed', { agentId, code, message });
  };
  await new Promise<void>((resolve) => {
    const exchange = line.open(coordination, (slot, received) => {
      const answer =
        received.kind === 'done' && question.interpret ? question.interpret(received.data) : received;
      if (answer.kind === 'undeliverable') fail(slot, 'unavailable', 'the agent is not connected');
      else if (answer.kind === 'failed') fail(slot, answer.code, answer.message);
      else if (roster.answer(slot, answer.data) === 'accepted') {
        question.onAnswered?.(targets.agents[slot]!.agentId, answer.data);
      }
      if (roster.settled) finish();
    });
    // The connection keeps the process up, not the wait: one that has ended must not linger for a deadline.
    const timer = setTimeout(() => finish(), deadline.remainingMs).unref();
    const finish = () => {
      clearTimeout(timer);
      exchange.close();
      resolve();
    };
    targets.agents.forEach(({ agentId }, slot) => {
      try {
        exchange.send({ agentId, slot, body });
      } catch (thrown) {
        const { code, message } = NexusError.from(thrown);
        fail(slot, code, message);
      }
    });
    if (roster.settled) finish();
  });
  roster.close();
  return roster;
}
