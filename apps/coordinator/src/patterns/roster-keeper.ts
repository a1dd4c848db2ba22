import { type ErrorCode } from '@nexus/contracts';
import { type Answer } from '@nexus/wire';
import { type Coordination } from '../coordination/coordination.js';
import { type Undeliverable } from '../fleet/agent-line.js';
import { type Question } from './asker.js';

/** Enters what agents answer into the roster of a coordination, each once, and tells whoever wants to hear of it. */
export class RosterKeeper {
  /** Agents whose message was handed to the broker, less those of whom it said that they are not there. */
  delivered = 0;

  constructor(
    private readonly coordination: Coordination,
    private readonly question: Question,
  ) {}

  get settled(): boolean {
    return this.coordination.roster.settled;
  }

  /** @param slot the agent's place among the targets */
  enter(slot: number, received: Answer | Undeliverable): void {
    const { interpret, onAnswered, keepsAnswers = true } = this.question;
    const answer = received.kind === 'done' && interpret ? interpret(received.data) : received;
    if (answer.kind === 'undeliverable') {
      this.delivered -= 1;
      this.fail(slot, 'unavailable', 'the agent is not connected');
    } else if (answer.kind === 'failed') this.fail(slot, answer.code, answer.message);
    else if (this.coordination.roster.answer(slot, keepsAnswers ? answer.data : null) === 'accepted') {
      onAnswered?.(this.coordination.targets.agents[slot]!.agentId, answer.data);
    }
  }

  /** Enters that an agent did its part, where what it said goes nowhere, or is in an aggregate already. */
  note(slot: number): void {
    this.coordination.roster.answer(slot, null);
  }

  fail(slot: number, code: ErrorCode, message: string): void {
    const { roster, parts, targets } = this.coordination;
    if (roster.fail(slot, { code, message }) !== 'accepted') return;
    parts.push('failed', { agentId: targets.agents[slot]!.agentId, code, message });
  }
}
