import { nuid } from '@nats-io/transport-node';
import { Chooser, FleetLoads, type Selection, WaitingLine } from '@nexus/balancer';
import {
  type AlgorithmName,
  type DirectPolicy,
  limits,
  NexusError,
  nodeIdSchema,
  type PublicRoute,
} from '@nexus/contracts';
import { FlowingRetryBudget, flowingRetryDefaults } from '@nexus/core/resilience';
import { loadSnapshotOverNats, publicFeed, RouteFollower, targetSetOf } from '@nexus/routes';
import { type Caller, type Connection, DeadlineSweep, firstEvent, type ReplyInbox } from '@nexus/wire';
import { type AgentSelector } from '../client/client-options.js';
import { DirectLine } from './direct-line.js';
import { type DirectParts, DirectUnit } from './direct-unit.js';
import { PolicyFollower } from './policy-follower.js';
import { type WorkOrder } from './work-order.js';

export interface DirectWorkOptions {
  readonly connection: Connection;
  readonly replies: ReplyInbox;
  readonly caller: Caller;
  /** First token of every subject. */
  readonly prefix: string;
  /** Who sends, as agents see it in `from`. */
  readonly from: string;
  /** Takes a unit that must not go straight to an agent after all. */
  readonly instead: (order: WorkOrder) => void;
}

/** Until a coordinator has said anything nothing is sent, so that this counts for nothing. */
const agentWindowAtFirst = 1;
/** The subject of a message that the broker refused, in its own words. */
const refusedSubject = /publish to "([^"]+)"/i;

const now = () => performance.now();

/**
 * Work that a client shares out by itself: it holds the route table, knows what it has in flight at each agent, and sends
 * each unit to the agent of its choice. Whenever it cannot be sure that this is wanted and right it declines, and the unit
 * goes through a coordinator.
 */
export class DirectWork {
  private readonly follower: RouteFollower<PublicRoute>;
  private readonly policies: PolicyFollower;
  private readonly loads: FleetLoads;
  private readonly parts: DirectParts;
  private readonly units = new Map<WorkOrder, DirectUnit>();
  private readonly deadlines = new DeadlineSweep(this.units);
  private readonly listeners = new Set<() => void>();
  private readonly turns = new WeakMap<Selection, { next: number }>();
  private readonly life = nuid.next();
  private readonly stops: readonly (() => void)[];
  private terms: Pick<DirectPolicy, 'retryRatio' | 'retriesPerS'> = {
    retryRatio: flowingRetryDefaults.ratio,
    retriesPerS: flowingRetryDefaults.perSecond,
  };
  private retries = new FlowingRetryBudget();
  private sent = 0;
  /** Agents that are there no more, until their work has been looked at. */
  private readonly gone = new Map<string, 'left' | 'gone'>();
  /** Why the broker does not let us; a new connection may have other rights. */
  private refusal: string | undefined;

  /** Begins to learn what it needs; until then it declines everything. */
  constructor(private readonly options: DirectWorkOptions) {
    const { connection, replies, caller, prefix, from } = options;
    this.follower = new RouteFollower({
      ...{ connection, prefix, feed: publicFeed, drops: { malformedInternal: 0 } },
      load: loadSnapshotOverNats(caller, publicFeed),
    });
    const { table } = this.follower;
    this.loads = new FleetLoads({ routes: this.follower, agentWindow: agentWindowAtFirst, now });
    const { loads } = this;
    const waiting = new WaitingLine();
    const line = new DirectLine({ connection, replies, prefix, from, find: (agentId) => table.get(agentId) });
    const chooser = new Chooser({ loads, now, random: Math.random });
    const onOver = ({ order }: DirectUnit) => {
      this.units.delete(order);
      this.deadlines.end();
    };
    this.parts = { connection, replies, line, loads, chooser, waiting, now, onOver };
    this.policies = new PolicyFollower({ connection, caller, onChanged: (policy) => this.adopt(policy) });
    this.stops = [
      loads.onArrival(() => waiting.roomMade()),
      this.follower.onAgentGone((agentId, reason) => this.agentGone(agentId, reason)),
      // It may be on its way back; and while routing is without its store, nobody else would say that it is dead.
      loads.onAway((agentId) => this.agentGone(agentId, 'left')),
      this.follower.onChanged(() => this.changed()),
      connection.on((event, detail) => {
        if (event === 'refused') this.refused(detail);
        if (event === 'reconnected') this.refusal = undefined;
      }),
    ];
  }

  /**
   * Takes a unit, or declines it.
   * @returns whether it is taken
   */
  take(order: WorkOrder): boolean {
    const nowMs = now();
    const policy = this.policies.at(nowMs);
    if (policy === undefined || this.obstacle(policy) !== undefined) return false;
    const { selector, options } = order.parts;
    const { algorithm = policy.algorithm, affinity, node } = options;
    if (!policy.algorithms.includes(algorithm) || !namesOneKind(selector) || !isInOrder(order, policy))
      return false;
    const selection = this.loads.select(targetSetOf(selector));
    if (selection.size === 0) {
      // Nobody, or nobody that we know of: a coordinator has the word for either.
      this.loads.release(selection);
      return false;
    }
    this.sent += 1;
    const id = `${this.life}-${this.sent.toString(36)}`;
    const number = this.turnIn(selection, algorithm);
    const wish = { algorithm, affinity: affinity ?? keyless(algorithm, id), node, number };
    this.depart(new DirectUnit(order, { id, selection, wish, policy, retries: this.retries }, this.parts));
    return true;
  }

  /**
   * Resolves once units are taken.
   * @throws NexusError `unavailable` with the reason when that takes longer than `withinMs`
   */
  async whenReady(withinMs: number): Promise<void> {
    if (this.whyNot() === undefined) return;
    await firstEvent({
      listen: ({ resolve }) => {
        const look = () => {
          if (this.whyNot() === undefined) resolve();
        };
        this.listeners.add(look);
        return () => this.listeners.delete(look);
      },
      withinMs,
      late: () => new NexusError('unavailable', `work goes through a coordinator: ${this.whyNot() ?? ''}`),
    });
  }

  /** Stops following; what is under way goes on. */
  stop(): void {
    for (const stop of this.stops) stop();
    this.policies.stop();
    this.follower.stop();
    this.loads.stop();
    this.parts.waiting.stop();
  }

  private depart(unit: DirectUnit): void {
    const { order } = unit;
    this.retries.earn(1);
    this.units.set(order, unit);
    this.deadlines.begin(unit);
    order.holder = unit;
    unit.begin();
  }

  private whyNot(): string | undefined {
    const policy = this.policies.at(now());
    if (policy) return this.obstacle(policy);
    return this.policies.failure?.message ?? 'no coordinator has said yet that it need not';
  }

  /** What is against going straight; undefined when nothing is. */
  private obstacle({ direct, reason, staleAfterMs }: DirectPolicy): string | undefined {
    if (!direct) return reason ?? 'it is not allowed';
    if (this.refusal !== undefined) return this.refusal;
    if (!this.options.connection.steady) return 'the connection to NATS is down, or came back only now';
    if (!this.follower.isWhole) return 'the route table is not here, or lacks a change';
    if (this.follower.confirmedAgeMs() > staleAfterMs) return 'the route table is stale';
    return undefined;
  }

  /** The place in the order of the agents: counted here, for what this client sends. */
  private turnIn(selection: Selection, algorithm: AlgorithmName): number | undefined {
    if (algorithm !== 'round_robin') return undefined;
    const known = this.turns.get(selection);
    // Clients that begin with the same agent would all burden it first.
    const turn = known ?? { next: Math.floor(Math.random() * selection.size) };
    if (!known) this.turns.set(selection, turn);
    return turn.next++;
  }

  private adopt({ agentWindow, retryRatio, retriesPerS }: DirectPolicy): void {
    this.loads.setAgentWindow(agentWindow);
    const { savedMax } = flowingRetryDefaults;
    if (this.terms.retryRatio !== retryRatio || this.terms.retriesPerS !== retriesPerS) {
      this.terms = { retryRatio, retriesPerS };
      this.retries = new FlowingRetryBudget({
        ...{ ratio: retryRatio, perSecond: retriesPerS },
        savedMax: Math.max(savedMax, retriesPerS),
      });
    }
    this.changed();
  }

  /** A host that dies takes a thousand agents along: what is under way is looked at once for all of them. */
  private agentGone(agentId: string, reason: 'left' | 'gone'): void {
    if (this.gone.size === 0) setImmediate(() => this.passOnWorkOfGone());
    if (reason === 'gone' || !this.gone.has(agentId)) this.gone.set(agentId, reason);
  }

  private passOnWorkOfGone(): void {
    const gone = new Map(this.gone);
    this.gone.clear();
    for (const unit of [...this.units.values()]) {
      for (const agentId of unit.sentTo()) {
        const reason = gone.get(agentId);
        if (reason !== undefined) unit.agentGone(agentId, reason);
      }
    }
  }

  /** The broker does not let this client publish to an agent: nobody has what was sent there, nor will have. */
  private refused(detail: string): void {
    const subject = refusedSubject.exec(detail)?.[1];
    const { prefix, instead } = this.options;
    if (!subject?.startsWith(`${prefix}.agent.`) && !subject?.startsWith(`${prefix}.host.`)) return;
    this.refusal = `the broker refuses: ${detail}`;
    const { line } = this.parts;
    for (const unit of [...this.units.values()]) {
      if (!unit.sentTo().some((agentId) => line.subjectOf(agentId) === subject)) continue;
      unit.abandoned();
      unit.order.passOn(now());
      instead(unit.order);
    }
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

/** Exactly one of the four, as a coordinator demands. */
function namesOneKind(selector: AgentSelector): boolean {
  const { ids, group, capability, all } = selector;
  let named = 0;
  for (const name in selector) if (selector[name as keyof AgentSelector] !== undefined) named += 1;
  const known = ids !== undefined || group !== undefined || capability !== undefined || all === true;
  return named === 1 && known && (ids === undefined || ids.length <= limits.agentIdsMax);
}

/** What a coordinator would refuse is for a coordinator to refuse. */
function isInOrder(order: WorkOrder, { timeoutMsMax, payloadBytesMax }: DirectPolicy): boolean {
  const { timeoutMs, parts } = order;
  const { affinity, node } = parts.options;
  return (
    Number.isInteger(timeoutMs) &&
    timeoutMs >= 1 &&
    timeoutMs <= timeoutMsMax &&
    (affinity === undefined || (affinity.length >= 1 && affinity.length <= limits.affinityCharsMax)) &&
    (node === undefined || nodeIdSchema.safeParse(node).success) &&
    order.passes &&
    order.textBytes <= payloadBytesMax
  );
}

/** Work that has no key is spread by its own name. */
const keyless = (algorithm: AlgorithmName, id: string): string | undefined =>
  algorithm === 'consistent_hash' ? id : undefined;
