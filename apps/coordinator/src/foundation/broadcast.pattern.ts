import { type AgentId, type BroadcastResult, NexusError, type Route } from '@nexus/contracts';
import { type CausalTelling, type Telling } from '../causal/causal-telling.js';
import { type CoordinatedRun, type Ran } from '../coordinated/coordinated-run.js';
import { type Coordination } from '../coordination/coordination.js';
import { type AgentLine } from '../fleet/agent-line.js';
import { type Account, type GoalOf, type Pattern } from '../ladder/layer.js';
import { shortfall, statusOf } from './accounting.js';
import { askAll, type Asked, type Question } from './ask.js';

type Broadcast = Coordination<GoalOf<'broadcast'>>;

export type BroadcastPlan =
  | { readonly kind: 'told'; readonly question: Question }
  | { readonly kind: 'told_in_order'; readonly question: Question; readonly telling: Telling }
  | { readonly kind: 'run_by'; readonly agent: Route };

export type Broadcasted =
  { readonly kind: 'told'; readonly asked: Asked } | { readonly kind: 'run_by'; readonly ran: Ran };

/**
 * Tells every agent on its own subject; acknowledged, and in causal order, when the caller asks for it. Or lets an agent do
 * so.
 */
export class BroadcastPattern implements Pattern<'broadcast', BroadcastPlan, Broadcasted> {
  readonly strategy = 'foundation';

  constructor(
    private readonly line: AgentLine,
    private readonly causal: CausalTelling,
    private readonly coordinated: CoordinatedRun,
  ) {}

  plan(coordination: Broadcast): BroadcastPlan {
    const { goal, parts } = coordination;
    if (goal.coordinator !== undefined) {
      return { kind: 'run_by', agent: this.coordinated.conductorOf(coordination) };
    }
    const question: Question = {
      kind: 'broadcast',
      payload: goal.payload,
      // What an agent says beside its acknowledgement goes nowhere, and need not be kept.
      interpret: () => ({ kind: 'done', data: null }),
      onAnswered: (agentId) => parts.push('acknowledged', agentId as AgentId),
    };
    if (goal.ordering === 'none') return { kind: 'told', question };
    const telling = this.causal.prepare(coordination, question);
    return { kind: 'told_in_order', question: { ...question, write: telling.write }, telling };
  }

  async execute(coordination: Broadcast, plan: BroadcastPlan): Promise<Broadcasted> {
    if (plan.kind === 'run_by') {
      return { kind: 'run_by', ran: await this.coordinated.execute(coordination, plan.agent) };
    }
    const tell = coordination.goal.delivery === 'acknowledged' ? askAll : tellAll;
    return { kind: 'told', asked: await tell(this.line, coordination, plan.question) };
  }

  account(coordination: Broadcast, plan: BroadcastPlan, broadcasted: Broadcasted): Account<'broadcast'> {
    if (broadcasted.kind === 'run_by') return this.coordinated.account(coordination, broadcasted.ran);
    const { targeted, goal } = coordination;
    const { roster, delivered } = broadcasted.asked;
    const reached = roster.answered().length;
    const result: BroadcastResult = {
      targeted,
      delivered,
      ...(goal.delivery === 'acknowledged' && { acknowledged: reached }),
      ...(plan.kind === 'told_in_order' && plan.telling.told()),
      ...shortfall(roster, coordination),
    };
    return { status: statusOf({ done: reached, of: targeted }), result };
  }
}

/** A round trip to the broker may take so long even when the caller's time is up, in milliseconds. */
const flushMsMin = 250;

/** Sends to all and waits for nothing but the broker's word that it has the messages. */
async function tellAll(line: AgentLine, coordination: Broadcast, question: Question): Promise<Asked> {
  const { roster, targets, deadline } = coordination;
  await line.settle(deadline);
  const bodyFor = question.write?.() ?? line.writer(coordination, question);
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
