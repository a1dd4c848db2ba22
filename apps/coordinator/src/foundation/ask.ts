import { type ErrorCode, NexusError } from '@nexus/contracts';
import { type AgentRoster, type Coordination } from '../coordination/coordination.js';
import { type AgentLine, type BodyFor, type Letter } from '../fleet/agent-line.js';
import { type Answer } from '../fleet/answer.js';

export interface Question extends Letter {
  /** Turns an answer into what the goal needs of it, or into a failure of that agent. */
  readonly interpret?: (data: unknown) => Answer;
  /**
   * Writes the messages, in the turn in which they are sent: what stands in them about the order of things is then the
   * order in which they leave. Default: as `AgentLine.writer`.
   */
  readonly write?: () => BodyFor;
  /** Told of each answer as it comes. */
  readonly onAnswered?: (agentId: string, data: unknown) => void;
}

/** What came of telling or asking the targeted agents. */
export interface Asked {
  readonly roster: AgentRoster;
  /** Agents whose message was handed to the broker, which did not say that nobody listens. */
  readonly delivered: number;
}

/**
 * Asks every targeted agent the same, and returns as soon as all are accounted for, at the latest at the deadline.
 * Whoever was silent until then is missing.
 */
export async function askAll(
  line: AgentLine,
  coordination: Coordination,
  question: Question,
): Promise<Asked> {
  const { roster, targets } = coordination;
  const { deadline = coordination.deadline } = question;
  await line.settle(deadline);
  let delivered = 0;
  const bodyFor = question.write?.() ?? line.writer(coordination, question);
  const fail = (slot: number, code: ErrorCode, message: string) => {
    if (roster.fail(slot, { code, message }) !== 'accepted') return;
    const { agentId } = targets.agents[slot]!;
    coordination.parts.push('failed', { agentId, code, message });
  };
  await new Promise<void>((resolve) => {
    const exchange = line.open(coordination, (slot, received) => {
      const answer =
        received.kind === 'done' && question.interpret ? question.interpret(received.data) : received;
      if (answer.kind === 'undeliverable') {
        delivered -= 1;
        fail(slot, 'unavailable', 'the agent is not connected');
      } else if (answer.kind === 'failed') fail(slot, answer.code, answer.message);
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
        exchange.send({ agentId, slot, body: bodyFor(agentId) });
        delivered += 1;
      } catch (thrown) {
        const { code, message } = NexusError.from(thrown);
        fail(slot, code, message);
      }
    });
    if (roster.settled) finish();
  });
  roster.close();
  return { roster, delivered };
}
