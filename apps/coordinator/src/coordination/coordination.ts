import {
  type Clock,
  type CoordinateRequest,
  type Goal,
  type LayerName,
  type RequestId,
  type UserId,
} from '@nexus/contracts';
import { Roster } from '@nexus/core/roster';
import { type Targets } from '../fleet/fleet.js';
import { type AgentLeases, noLeases } from './agent-leases.js';
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
  /** The caller's name for the request, from its body or its header. */
  readonly requestId?: RequestId | undefined;
  /** Whether an earlier run under the same id may have come to something that nobody knows. Default false. */
  readonly repeated?: boolean;
  /** The highest layer that may serve it. Default: the one that the request names. */
  readonly maxLayer?: LayerName;
  /** Held for an exclusive request. Default none. */
  readonly leases?: AgentLeases;
  /** Of a shared key: the values that the new one takes the place of. Default: all that are known here. */
  readonly replaces?: Clock | undefined;
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
  readonly requestId: RequestId | undefined;
  readonly repeated: boolean;
  readonly maxLayer: LayerName;
  readonly leases: AgentLeases;
  readonly replaces: Clock | undefined;
  private anySent = false;
  private shared: AgentRoster | undefined;
  private readonly handed = new Map<string, unknown>();

  constructor(options: CoordinationOptions<G>) {
    this.id = options.id;
    this.user = options.user;
    this.request = options.request;
    this.targets = options.targets;
    this.deadline = options.deadline;
    this.clock = options.clock;
    this.traceId = options.traceId;
    this.parts = options.parts;
    this.requestId = options.requestId;
    this.repeated = options.repeated ?? false;
    this.maxLayer = options.maxLayer ?? options.request.maxLayer;
    this.leases = options.leases ?? noLeases;
    this.replaces = options.replaces;
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

  /** To be called when all that was sent has come back, as nobody was there to take it. */
  noteReturned(): void {
    this.anySent = false;
  }

  /** The ledger of the targeted agents, made once and shared by all layers that serve the request. */
  get roster(): AgentRoster {
    this.shared ??= new Roster(this.targets.agents.map(({ agentId }) => agentId));
    return this.shared;
  }

  /** Something else that all layers that serve the request share, made by the first that needs it. */
  handedDown<T>(name: string, make: () => T): T {
    if (!this.handed.has(name)) this.handed.set(name, make());
    return this.handed.get(name) as T;
  }
}
