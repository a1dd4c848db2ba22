import { randomUUID } from 'node:crypto';
import {
  type AgentId,
  agentIdSchema,
  limits,
  type Load,
  type Route,
  type RoutesDelta,
} from '@nexus/contracts';
import { type Position, type RouteTable } from '@nexus/core/route-table';
import { type RedisConnection, type RedisScript } from '@nexus/platform/redis';
import { type SilenceTerms } from '../liveness/silence-terms.js';
import { RouteKeys } from './route-keys.js';
import { type HostLoad } from './host-load.js';
import { recordOf, routeOf, type RouteRecord } from './route-record.js';
import {
  deregisterScript,
  heartbeatScript,
  hostDeregisterScript,
  hostHeartbeatScript,
  openScript,
  positionScript,
  registerScript,
  restoreScript,
  sweepScript,
} from './route-scripts.js';
import {
  deregisterReply,
  heartbeatReply,
  hostDeregisterReply,
  hostHeartbeatReply,
  positionReply,
  read,
  registerReply,
  restoreReply,
  sweepReply,
} from './script-reply.js';

/** `made` just now, `shut` while somebody restores it, or `open`. */
export interface StoredPosition extends Position {
  readonly state: 'made' | 'shut' | 'open';
}

/** Nothing was done: Redis holds no table, so it was wiped, and must be restored first. */
export interface NoTable {
  readonly kind: 'no_table';
}
export interface Refused {
  readonly kind: 'unknown' | 'wrong_token';
}

/** Agents that join under one token: those of one host, or one that has none. */
export interface Registration {
  readonly host: string | undefined;
  readonly records: readonly RouteRecord[];
  /** Hash of the token that a free id gets, and that an id in use, and the host, must have. */
  readonly tokenHash: string;
}
/** What became of one of them; `known` is one that had said the same before. */
export type Joined =
  | { readonly kind: 'taken'; readonly freeInMs: number }
  | { readonly kind: 'known' | 'full' }
  | {
      readonly kind: 'registered';
      readonly before: 'absent' | 'alive' | 'suspected';
      readonly delta: RoutesDelta;
    };
export type Registered =
  | NoTable
  | { readonly kind: 'host_taken'; readonly freeInMs: number }
  | { readonly kind: 'registered'; readonly agents: readonly Joined[] };

export interface Heartbeat {
  readonly agentId: AgentId;
  readonly tokenHash: string;
  readonly load: Load;
}
export type BeatAnswer =
  Refused | { readonly kind: 'alive' } | { readonly kind: 'recovered'; readonly delta: RoutesDelta };
export type Heard = NoTable | { readonly kind: 'heard'; readonly answers: readonly BeatAnswer[] };

/** A sign of life of all agents of a host. */
export interface HostHeartbeat {
  readonly host: string;
  readonly tokenHash: string;
  readonly load: HostLoad;
}
export type HostHeard =
  | NoTable
  | Refused
  | {
      readonly kind: 'heard';
      /** Agents that the host has. */
      readonly agents: number;
      /** Those that were suspected until now; as many as fit a batch. */
      readonly recovered: readonly RoutesDelta[];
    };
/** Agents that leave with their host, or as it says. */
export interface HostFarewell {
  readonly host: string;
  readonly tokenHash: string;
  /** At most `batchMax`. None: the next ones, as many as fit a batch. */
  readonly agentIds: readonly AgentId[];
}
export type HostLeft = NoTable | Refused | { readonly kind: 'left'; readonly deltas: readonly RoutesDelta[] };

export type Left = NoTable | Refused | { readonly kind: 'left'; readonly delta: RoutesDelta };
export type Swept = NoTable | { readonly kind: 'swept'; readonly deltas: readonly RoutesDelta[] };

/** Agents registered, signs of life taken, agents judged, and rows restored, by one script; Redis serves nobody else meanwhile. */
export const batchMax = 200;

/** The routes as Redis has them. Faults are those of the connection. */
export class RouteStore {
  private readonly keys: RouteKeys;
  private readonly terms: string;

  constructor(
    private readonly connection: RedisConnection,
    terms: SilenceTerms,
  ) {
    this.keys = new RouteKeys(connection.keys);
    this.terms = JSON.stringify(terms);
  }

  /** Where the table stands; makes one when there is none, or when what there is cannot be trusted to be whole. */
  async position(seen: Position | undefined): Promise<StoredPosition> {
    const args = [seen?.epoch ?? '', seen?.version ?? 0, randomUUID()];
    const [epoch, version, state] = read(positionReply, await this.run(positionScript, args));
    return { epoch, version, state };
  }

  /** Lets changes in, once everything that was held of a lost table is back. */
  async open(epoch: string): Promise<void> {
    await this.run(openScript, [epoch]);
  }

  /** Registers at most `batchMax` agents; the outcomes are in their order. */
  async register({ host, records, tokenHash }: Registration): Promise<Registered> {
    const rows = records.flatMap((record) => [record.agentId, JSON.stringify(record)]);
    const args = [host ?? '', tokenHash, limits.hostAgentsMax, ...rows];
    const reply = read(registerReply, await this.run(registerScript, args));
    if (reply[0] === 'host_taken') return { kind: reply[0], freeInMs: reply[1] };
    if (reply[0] !== 'registered') return { kind: reply[0] };
    const [kind, epoch, outcomes] = reply;
    const agents = outcomes.map((outcome, index): Joined => {
      if (outcome[0] === 'taken') return { kind: outcome[0], freeInMs: outcome[1] };
      if (outcome[0] !== 'registered') return { kind: outcome[0] };
      const [, before, version] = outcome;
      const route: Route = { ...records[index]!, liveness: 'alive', tokenHash, version };
      return { kind: outcome[0], before, delta: upsert(epoch, route) };
    });
    return { kind, agents };
  }

  /** Takes at most `batchMax` signs of life; the answers are in their order. */
  async heartbeats(heartbeats: readonly Heartbeat[]): Promise<Heard> {
    const beats = heartbeats.flatMap(({ agentId, tokenHash, load }) => [
      agentId,
      tokenHash,
      JSON.stringify(load),
    ]);
    const reply = read(heartbeatReply, await this.run(heartbeatScript, beats));
    if (reply[0] === 'no_table') return { kind: 'no_table' };
    const [kind, epoch, news] = reply;
    const answers: BeatAnswer[] = heartbeats.map(() => ({ kind: 'alive' }));
    for (const told of news) {
      if (told[1] === 'recovered') {
        const [at, what, version, json, hash] = told;
        answers[at] = { kind: what, delta: upsert(epoch, routeOf(json, state(hash, version))) };
      } else {
        answers[told[0]] = { kind: told[1] };
      }
    }
    return { kind, answers };
  }

  /** Takes one sign of life of a host, and lets at most `batchMax` of its agents recover by it. */
  async hostHeartbeat({ host, tokenHash, load }: HostHeartbeat): Promise<HostHeard> {
    const args = [host, tokenHash, JSON.stringify(load), batchMax];
    const reply = read(hostHeartbeatReply, await this.run(hostHeartbeatScript, args));
    if (reply[0] !== 'heard') return { kind: reply[0] };
    const [kind, epoch, agents, recovered] = reply;
    return {
      kind,
      agents,
      recovered: recovered.map(([version, json, hash]) => upsert(epoch, routeOf(json, state(hash, version)))),
    };
  }

  async hostDeregister({ host, tokenHash, agentIds }: HostFarewell): Promise<HostLeft> {
    const args = [host, tokenHash, batchMax, ...agentIds];
    const reply = read(hostDeregisterReply, await this.run(hostDeregisterScript, args));
    if (reply[0] !== 'left') return { kind: reply[0] };
    const [kind, epoch, left] = reply;
    return { kind, deltas: left.map(([id, version]) => removal({ epoch, version }, agentIdOf(id), 'left')) };
  }

  async deregister(agentId: AgentId, tokenHash: string): Promise<Left> {
    const reply = read(deregisterReply, await this.run(deregisterScript, [agentId, tokenHash]));
    if (reply[0] !== 'left') return { kind: reply[0] };
    const [kind, epoch, version] = reply;
    return { kind, delta: removal({ epoch, version }, agentId, 'left') };
  }

  /** Judges at most `batchMax` agents that were silent for too long. */
  async sweep(): Promise<Swept> {
    const reply = read(sweepReply, await this.run(sweepScript, [batchMax]));
    if (reply[0] === 'no_table') return { kind: 'no_table' };
    const [kind, epoch, verdicts] = reply;
    const deltas = verdicts.map((verdict) => {
      const [what, id, version] = verdict;
      if (what === 'gone') return removal({ epoch, version }, agentIdOf(id), 'gone');
      return upsert(epoch, routeOf(verdict[3], { ...state(verdict[4], version), liveness: 'suspected' }));
    });
    return { kind, deltas };
  }

  /** Puts back what the table in memory has and Redis lacks, every agent as seen just now; tells what changed. */
  async *restore(held: RouteTable<Route>): AsyncGenerator<readonly RoutesDelta[], void, undefined> {
    const rows = held.all();
    const heldEpoch = held.position?.epoch ?? '';
    for (let at = 0; at < rows.length; at += batchMax) {
      const batch = rows
        .slice(at, at + batchMax)
        .flatMap((row) => [
          row.agentId,
          JSON.stringify(recordOf(row)),
          row.tokenHash,
          row.host ?? '',
          row.version,
        ]);
      const args = [heldEpoch, ...batch];
      const reply = read(restoreReply, await this.run(restoreScript, args));
      if (reply[0] === 'no_table') return;
      const [, epoch, restored] = reply;
      yield restored.map(([, version, json, hash]) => upsert(epoch, routeOf(json, state(hash, version))));
    }
  }

  private run(script: RedisScript, args: readonly (string | number)[]): Promise<unknown> {
    return this.connection.script(script, {
      keys: this.keys.all,
      args: [this.keys.root, this.terms, ...args],
    });
  }
}

const state = (tokenHash: string, version: number) => ({ tokenHash, version, liveness: 'alive' });
const agentIdOf = (id: string): AgentId => agentIdSchema.parse(id);

const upsert = (epoch: string, route: Route): RoutesDelta => ({
  epoch,
  version: route.version,
  change: { kind: 'upsert', route },
});

const removal = (position: Position, agentId: AgentId, reason: 'left' | 'gone'): RoutesDelta => ({
  ...position,
  change: { kind: 'remove', agentId, reason },
});
