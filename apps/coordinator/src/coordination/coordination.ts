import { type Clock, type CoordinateRequest, type Goal, type UserId } from '@nexus/contracts';
import { Roster } from '@nexus/core/roster';
import { type Targets } from '../fleet/fleet.js';
import { type Deadline } from './deadline.js';
import { type PartSink } from './part-sink.js';

/** What an agent answered, by its place in the roster. */
export type AgentRoster = Roster<unknown>;

export interface CoordinationOptions<G extends Goal> {
  readonly id: string;
  readonly user: UserId;
  readonly request: CoordinateRequest & { goal: G };
  readonly targets: Targets;
  readonly deadline: Deadline;
  readonly clock: Clock;
  readonly traceId: string;
  readonly parts: PartSink;
}

/**
 * One request on its way through the layers. It outlives a layer that fails: the deadline, and the record of who was
 * asked and what came back, are the same for every layer that serves it, so that falling never asks an agent twice.
 */
export class Coordination<G extends Goal = Goal> {
  readonly id: string;
  readonly user: UserId;
  readonly request: CoordinateRequest & { goal: G };
  readonly targets: Targets;
  readonly deadline: Deadline;
  readonly clock: Clock;
  readonly traceId: string;
  readonly parts: PartSink;
  private anySent = false;
  private shared: AgentRoster | undefined;

  constructor(options: CoordinationOptions<G>) {
    this.id = options.id;
    this.user = options.user;
    this.request = options.request;
    this.targets = options.targets;
    this.deadline = options.deadline;
    this.clock = options.clock;
    this.traceId = options.traceId;
    this.parts = options.parts;
  }

  get goal(): G {
    return this.request.goal;
  }

  /** Agents that the request is for, registered or not. */
  get targeted(): number {
    return this.targets.agents.length + this.targets.unknown.length;
  }

  /** Whether any agent has been sent anything: from then on a repeat of the request must not start anew. */
  get hasSent(): boolean {
    return this.anySent;
  }

  /** To be called once a message has gone to an agent. */
  noteSent(): void {
    this.anySent = true;
  }

  /** The ledger of the targeted agents, made once and shared by all layers that serve the request. */
  get roster(): AgentRoster {
    this.shared ??= new Roster(this.targets.agents.map(({ agentId }) => agentId));
    return this.shared;
  }
}
