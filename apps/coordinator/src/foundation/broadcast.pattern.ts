import { type AgentId, NexusError } from '@nexus/contracts';
import { type AgentRoster, type Coordination } from '../coordination/coordination.js';
import { type AgentLine } from '../fleet/agent-line.js';
import { type Account, type GoalOf, type Pattern } from '../ladder/layer.js';
import { shortfall, statusOf } from './accounting.js';
import { askAll, type Question } from './ask.js';

type Broadcast = Coordination<GoalOf<'broadcast'>>;

/** Tells every agent on its own subject; acknowledged when the caller asks for it. */
export class BroadcastPattern implements Pattern<'broadcast', Question, AgentRoster> {
  readonly strategy = 'foundation';

  constructor(private readonly line: AgentLine) {}

  plan({ goal, parts }: Broadcast): Question {
    const { ordering, coordinator, payload } = goal;
    if (ordering === 'causal') throw new NexusError('unavailable', 'causal ordering is not available yet');
    if (coordinator) throw new NexusError('unavailable', 'broadcasts run by an agent are not available yet');
    return {
      kind: 'broadcast',
      payload,
      onAnswered: (agentId) => parts.push('acknowledged', agentId as AgentId),
    };
  }

  execute(coordination: Broadcast, question: Question): Promise<AgentRoster> {
    return coordination.goal.delivery === 'acknowledged'
      ? askAll(this.line, coordination, question)
      : tellAll(this.line, coordination, question);
  }

  account(coordination: Broadcast, _question: Question, roster: AgentRoster): Account<'broadcast'> {
    const { agents, unknown } = coordination.targets;
    const reached = roster.answered().length;
    const undelivered = roster.failed().filter(({ code }) => code === 'unavailable').length;
    const acknowledged = coordination.goal.delivery === 'acknowledged';
    return {
      status: statusOf({ done: reached, of: agents.length + unknown.length }),
      result: {
        targeted: agents.length + unknown.length,
        delivered: agents.length - undelivered,
        ...(acknowledged && { acknowledged: reached }),
        ...shortfall(roster, coordination),
      },
    };
  }
}

/** Sends to all and waits for nothing but the broker's word that it has the messages. */
async function tellAll(
  line: AgentLine,
  coordination: Broadcast,
  { kind, payload }: Question,
): Promise<AgentRoster> {
  const { roster, targets, deadline } = coordination;
  const body = line.encode(coordination, kind, payload);
  targets.agents.forEach(({ agentId }, slot) => {
    try {
      line.tell(coordination, agentId, body);
      roster.answer(slot, null);
    } catch (thrown) {
      const { code, message } = NexusError.from(thrown);
      roster.fail(slot, { code, message });
    }
  });
  await line.flush(deadline.remainingMs);
  roster.close();
  return roster;
}
