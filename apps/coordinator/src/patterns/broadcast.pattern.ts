import { type AgentId, type BroadcastResult, type Route, type StrategyName } from '@nexus/contracts';
import { type CausalTelling, type Telling } from '../causal/causal-telling.js';
import { type CoordinatedRun, type Ran } from '../coordinated/coordinated-run.js';
import { type Coordination } from '../coordination/coordination.js';
import { type Account, type GoalOf, type Pattern } from '../ladder/layer.js';
import { shortfall, statusOf } from './accounting.js';
import { type Asked, type Asker, type Question } from './asker.js';

type Broadcast = Coordination<GoalOf<'broadcast'>>;

export type BroadcastPlan =
  | { readonly kind: 'told'; readonly question: Question }
  | { readonly kind: 'told_in_order'; readonly question: Question; readonly telling: Telling }
  | { readonly kind: 'run_by'; readonly agent: Route };

export type Broadcasted =
  { readonly kind: 'told'; readonly asked: Asked } | { readonly kind: 'run_by'; readonly ran: Ran };

/** What special broadcasts need. */
export interface BroadcastParts {
  readonly causal: CausalTelling;
  readonly coordinated: CoordinatedRun;
}

/** Tells every agent; acknowledged, and in causal order, when the caller asks for it. Or lets an agent do so. */
export class BroadcastPattern implements Pattern<'broadcast', BroadcastPlan, Broadcasted> {
  constructor(
    readonly strategy: StrategyName,
    private readonly asker: Asker,
    private readonly parts: BroadcastParts,
  ) {}

  plan(coordination: Broadcast): BroadcastPlan {
    const { goal, parts } = coordination;
    if (goal.coordinator !== undefined) {
      return { kind: 'run_by', agent: this.parts.coordinated.conductorOf(coordination) };
    }
    const question: Question = {
      kind: 'broadcast',
      payload: goal.payload,
      // What an agent says beside its acknowledgement goes nowhere, and need not be kept.
      interpret: () => ({ kind: 'done', data: null }),
      onAnswered: (agentId) => parts.push('acknowledged', agentId as AgentId),
    };
    if (goal.ordering === 'none') return { kind: 'told', question };
    const telling = this.parts.causal.prepare(coordination, question);
    return { kind: 'told_in_order', question: { ...question, write: telling.write }, telling };
  }

  async execute(coordination: Broadcast, plan: BroadcastPlan): Promise<Broadcasted> {
    if (plan.kind === 'run_by') {
      return { kind: 'run_by', ran: await this.parts.coordinated.execute(coordination, plan.agent) };
    }
    const { asker } = this;
    const { question } = plan;
    const asked = await (coordination.goal.delivery === 'acknowledged'
      ? asker.ask(coordination, question)
      : asker.tell(coordination, question));
    return { kind: 'told', asked };
  }

  account(coordination: Broadcast, plan: BroadcastPlan, broadcasted: Broadcasted): Account<'broadcast'> {
    if (broadcasted.kind === 'run_by') return this.parts.coordinated.account(coordination, broadcasted.ran);
    const { targeted, goal } = coordination;
    const { roster, delivered, relaying } = broadcasted.asked;
    const reached = roster.answered().length;
    const result: BroadcastResult = {
      targeted,
      delivered,
      ...(goal.delivery === 'acknowledged' && { acknowledged: reached }),
      ...(plan.kind === 'told_in_order' && plan.telling.told()),
      ...shortfall(roster, coordination),
    };
    return {
      status: statusOf({ done: reached, of: targeted }),
      result,
      ...(relaying && { explain: { relaying } }),
    };
  }
}
