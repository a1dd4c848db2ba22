import { type AgentId, NexusError, notInThisBuild } from '@nexus/contracts';
import { type Coordination } from '../coordination/coordination.js';
import { type AgentLine } from '../fleet/agent-line.js';
import { type Account, type GoalOf, type Pattern } from '../ladder/layer.js';
import { shortfall, statusOf } from './accounting.js';
import { askAll, type Asked, type Question } from './ask.js';

type Broadcast = Coordination<GoalOf<'broadcast'>>;

/** Tells every agent on its own subject; acknowledged when the caller asks for it. */
export class BroadcastPattern implements Pattern<'broadcast', Question, Asked> {
  readonly strategy = 'foundation';

  constructor(private readonly line: AgentLine) {}

  plan({ goal, parts }: Broadcast): Question {
    const { ordering, coordinator, payload } = goal;
    if (ordering === 'causal') throw notInThisBuild('goal.ordering', 'ordering causal', 'use "none"');
    if (coordinator)
      throw notInThisBuild('goal.coordinator', 'a broadcast run by an agent', 'leave "coordinator" out');
    return {
      kind: 'broadcast',
      payload,
      // What an agent says beside its acknowledgement goes nowhere, and need not be kept.
      interpret: () => ({ kind: 'done', data: null }),
      onAnswered: (agentId) => parts.push('acknowledged', agentId as AgentId),
    };
  }

  execute(coordination: Broadcast, question: Question): Promise<Asked> {
    return coordination.goal.delivery === 'acknowledged'
      ? askAll(this.line, coordination, question)
      : tellAll(this.line, coordination, question);
  }

  account(coordination: Broadcast, _question: Question, { roster, delivered }: Asked): Account<'broadcast'> {
    const { targeted } = coordination;
    const reached = roster.answered().length;
    const acknowledged = coordination.goal.delivery === 'acknowledged';
    return {
      status: statusOf({ done: reached, of: targeted }),
      result: {
        targeted,
        delivered,
        ...(acknowledged && { acknowledged: reached }),
        ...shortfall(roster, coordination),
      },
    };
  }
}

/** A round trip to the broker may take so long even when the caller's time is up, in milliseconds. */
const flushMsMin = 250;

/** Sends to all and waits for nothing but the broker's word that it has the messages. */
async function tellAll(line: AgentLine, coordination: Broadcast, question: Question): Promise<Asked> {
  const { roster, targets, deadline } = coordination;
  await line.settle(deadline);
  const bodyFor = line.writer(coordination, question);
  const outbox = line.outbox(coordination);
  let delivered = 0;
  targets.agents.forEach(({ agentId }, slot) => {
    try {
      outbox.send({ agentId, body: bodyFor(agentId) })?.end();
      roster.answer(slot, null);
      delivered += 1;
    } catch (thrown) {
      const { code, message } = NexusError.from(thrown);
      roster.fail(slot, { code, message });
    }
  });
  // Whatever the broker says now, what was sent cannot be taken back: a failure would invite a second broadcast.
  await line.flush(Math.max(flushMsMin, deadline.remainingMs)).catch(() => undefined);
  roster.close();
  return { roster, delivered };
}
