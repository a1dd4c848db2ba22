import {
  type AgentId,
  type BroadcastResult,
  type CoordinatePayload,
  type ErrorCode,
  NexusError,
  type Route,
} from '@nexus/contracts';
import { type Answer } from '@nexus/wire';
import { type AgentHearsay } from '../causal/agent-hearsay.js';
import { type CausalTelling } from '../causal/causal-telling.js';
import { type Coordination } from '../coordination/coordination.js';
import { type AgentLine } from '../fleet/agent-line.js';
import { type Fleet } from '../fleet/fleet.js';
import { shortfall, statusOf } from '../patterns/accounting.js';
import { type Account, type GoalOf } from '../ladder/layer.js';
import { type Accounted, accountOf } from './account-of.js';

type Broadcast = Coordination<GoalOf<'broadcast'>>;

/** What came of it: the account that the agent gave, or undefined where it gave none. */
export type Ran = Accounted['answer'] | undefined;

/** How long before the deadline the agent is to be done, at most, in milliseconds: its account has to arrive. */
const reserveMsMax = 1_000;

export interface CoordinatedRunOptions {
  readonly line: Pick<AgentLine, 'settle' | 'writer'> & {
    open(...exchange: Parameters<AgentLine['open']>): Pick<ReturnType<AgentLine['open']>, 'send' | 'close'>;
  };
  readonly fleet: Pick<Fleet, 'find' | 'onAgentGone'>;
  readonly telling: Pick<CausalTelling, 'placeTargeted'>;
  readonly hearsay: Pick<AgentHearsay, 'learnOfRun'>;
}

type Outcome = Answer | { readonly kind: 'untaken' };

/**
 * Lets an agent run a broadcast, and accounts for those it was for. Once the agent has been asked nobody else runs it: a
 * second one could tell everybody twice.
 */
export class CoordinatedRun {
  constructor(private readonly options: CoordinatedRunOptions) {}

  /**
   * The agent that is to run it.
   * @throws NexusError `not_found` when it is not registered, `unavailable` when it is suspected to be dead
   */
  conductorOf({ goal }: Broadcast): Route {
    const agentId = goal.coordinator!;
    const route = this.options.fleet.find(agentId);
    if (route === undefined) throw unfit('not_found', `agent ${agentId} is not registered`, agentId);
    if (route.liveness !== 'alive')
      throw unfit('unavailable', `agent ${agentId} is suspected to be dead`, agentId);
    return route;
  }

  /**
   * @throws NexusError `unavailable` when the agent cannot be reached, or why it could not be sent anything: then nobody
   * was told
   */
  async execute(coordination: Broadcast, { agentId }: Route): Promise<Ran> {
    await this.options.line.settle(coordination.deadline);
    const outcome = await this.ask(coordination, agentId);
    switch (outcome.kind) {
      case 'untaken':
        coordination.noteReturned();
        throw unfit('unavailable', `agent ${agentId} is not connected`, agentId);
      case 'failed':
        this.nobodyTold(coordination, outcome.code, `agent ${agentId}: ${outcome.message}`);
        return undefined;
      case 'done':
        return this.enter(coordination, outcome.data);
    }
  }

  account(coordination: Broadcast, ran: Ran): Account<'broadcast'> {
    const { targeted, roster, goal } = coordination;
    const reached = roster.answered().length;
    const result: BroadcastResult = {
      targeted,
      delivered: ran?.delivered ?? 0,
      ...(goal.delivery === 'acknowledged' && { acknowledged: reached }),
      ...(ran?.causal && { causal: ran.causal }),
      ...(ran?.frontiers && { frontiers: ran.frontiers }),
      ...shortfall(roster, coordination),
    };
    return { status: statusOf({ done: reached, of: targeted }), result };
  }

  private ask(coordination: Broadcast, agentId: string): Promise<Outcome> {
    const { goal, targets, deadline } = coordination;
    const payload: CoordinatePayload = {
      operation: 'broadcast',
      selector: targets.selector,
      agents: targets.agents.map((route) => route.agentId),
      payload: goal.payload,
      delivery: goal.delivery,
    };
    const letter = {
      ...({ kind: 'coordinate', payload } as const),
      deadline: deadline.before(Math.min(reserveMsMax, deadline.timeoutMs / 4)),
      ...this.options.telling.placeTargeted(coordination),
    };
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome) => {
        clearTimeout(timer);
        stopWatching();
        exchange.close();
        resolve(outcome);
      };
      const exchange = this.options.line.open(coordination, (_slot, answer) =>
        settle(answer.kind === 'undeliverable' ? { kind: 'untaken' } : answer),
      );
      const timer = setTimeout(() => settle(silent), deadline.remainingMs).unref();
      // One that leaves in order finishes what it has taken in.
      const stopWatching = this.options.fleet.onAgentGone((gone, reason) => {
        if (gone === agentId && reason === 'gone') settle(dead);
      });
      try {
        exchange.send({ agentId, slot: 0, body: this.options.line.writer(coordination, letter)(agentId) });
      } catch (thrown) {
        // First, so that it is what the caller hears: nothing was sent.
        reject(NexusError.from(thrown));
        settle({ kind: 'untaken' });
      }
    });
  }

  private enter(coordination: Broadcast, data: unknown): Ran {
    const { roster, targets, goal } = coordination;
    const agentIds = targets.agents.map(({ agentId }) => agentId);
    let accounted: Accounted;
    try {
      accounted = accountOf(data, agentIds, goal);
    } catch (thrown) {
      const { code, message } = NexusError.from(thrown);
      this.nobodyTold(coordination, code, message);
      return undefined;
    }
    const { answer, short } = accounted;
    agentIds.forEach((agentId, slot) => {
      const how = short.get(agentId);
      if (how === undefined) {
        roster.answer(slot, null);
        if (goal.delivery === 'acknowledged') coordination.parts.push('acknowledged', agentId);
      } else if (how.kind === 'failed') this.fail(coordination, slot, how);
    });
    roster.close();
    this.options.hearsay.learnOfRun(answer);
    return answer;
  }

  /** None that we know of: how far the agent had come nobody can tell. */
  private nobodyTold(coordination: Broadcast, code: ErrorCode, message: string): void {
    coordination.targets.agents.forEach((_, slot) => this.fail(coordination, slot, { code, message }));
    coordination.roster.close();
  }

  private fail(
    { roster, targets, parts }: Broadcast,
    slot: number,
    { code, message }: { readonly code: ErrorCode; readonly message: string },
  ): void {
    if (roster.fail(slot, { code, message }) !== 'accepted') return;
    const agentId: AgentId = targets.agents[slot]!.agentId;
    parts.push('failed', { agentId, code, message });
  }
}

const silent: Outcome = {
  kind: 'failed',
  code: 'deadline_exceeded',
  message: 'gave no account of the run before the deadline',
};

const dead: Outcome = { kind: 'failed', code: 'unavailable', message: 'died with the run' };

const unfit = (code: 'not_found' | 'unavailable', message: string, agentId: string) =>
  new NexusError(code, `goal.coordinator: ${message}`, {
    details: [{ path: 'goal.coordinator', message: agentId }],
    ...(code === 'unavailable' && { retryAfterMs: 1_000 }),
  });
