import {
  type EventName,
  events,
  type Load,
  type RegisterReply,
  endpoints,
  NexusError,
} from '@nexus/contracts';
import { Drops } from '@nexus/platform/nats';
import { RedisConnection } from '@nexus/platform/redis';
import { bootService, type BootedService, nameInstance } from '@nexus/platform/service';
import { createLogger } from '@nexus/platform/telemetry';
import { loadSnapshotOverNats, RouteFollower, serviceFeed } from '@nexus/routes';
import { startTestServers, type TestServers } from '@nexus/testing';
import { Caller, Connection, decodeBody, ReplyInbox } from '@nexus/wire';
import { loadRoutingConfig } from '../../../apps/routing/src/routing.config.js';
import { routingService } from '../../../apps/routing/src/routing.module.js';

export const idle: Load & { active: number } = { cpu: 0.1, memory: 0.2, queueDepth: 0, active: 0 };
const callTimeoutMs = 5_000;

/** Replicas of the routing service over real servers, and a client that speaks to them as agents do. */
export class RoutingRig {
  readonly replicas: BootedService[] = [];
  private readonly followers: RouteFollower[] = [];
  private readonly beats = new Map<string, NodeJS.Timeout>();
  /** Errors that heartbeats were answered with. */
  readonly missed: string[] = [];

  private constructor(
    readonly servers: TestServers,
    readonly connection: Connection,
    readonly caller: Caller,
    readonly redis: RedisConnection,
  ) {}

  static async start(): Promise<RoutingRig> {
    const servers = await startTestServers();
    const connection = await Connection.open({ servers: servers.natsUrl, name: 'rig' });
    const caller = new Caller(connection, new ReplyInbox(connection), 'nexus');
    const redis = RedisConnection.open({ url: servers.redisUrl, prefix: 'nexus', name: 'rig' });
    await redis.whenConnected(callTimeoutMs);
    return new RoutingRig(servers, connection, caller, redis);
  }

  async addReplica(times: { heartbeatMs: number; ttlMs: number }): Promise<BootedService> {
    const config = loadRoutingConfig({
      NEXUS_NATS_URL: this.servers.natsUrl,
      NEXUS_REDIS_URL: this.servers.redisUrl,
      NEXUS_AGENT_HEARTBEAT_MS: String(times.heartbeatMs),
      NEXUS_AGENT_TTL_MS: String(times.ttlMs),
    });
    const replica = await bootService(routingService, {
      config,
      instance: nameInstance('routing', undefined),
      logger: createLogger({ service: 'routing', level: 'silent' }),
    });
    this.replicas.push(replica);
    await replica.running.app.get(RouteFollower).whenReady(callTimeoutMs);
    return replica;
  }

  /** Follows the table as a coordinator does. */
  async follow(): Promise<RouteFollower> {
    const { connection, caller } = this;
    const follower = new RouteFollower({
      connection,
      prefix: 'nexus',
      drops: new Drops(),
      feed: serviceFeed,
      load: loadSnapshotOverNats(caller, serviceFeed),
    });
    this.followers.push(follower);
    await follower.whenReady(callTimeoutMs);
    return follower;
  }

  /** The table of a replica. */
  tableOf(replica: BootedService): RouteFollower['table'] {
    return replica.running.app.get<RouteFollower>(RouteFollower).table;
  }

  register(
    agentId: string,
    over: { token?: string; groups?: string[]; weight?: number } = {},
  ): Promise<RegisterReply> {
    return this.caller.call(endpoints.agentsRegister, { agentId }, over, { timeoutMs: callTimeoutMs });
  }

  heartbeat(agentId: string, token: string): Promise<unknown> {
    const request = { token, ...idle };
    return this.caller.call(endpoints.agentsHeartbeat, { agentId }, request, { timeoutMs: callTimeoutMs });
  }

  deregister(agentId: string, token: string): Promise<unknown> {
    return this.caller.call(endpoints.agentsDeregister, { agentId }, { token }, { timeoutMs: callTimeoutMs });
  }

  get(agentId: string) {
    return this.caller.call(endpoints.agentsGet, {}, { agentId }, { timeoutMs: callTimeoutMs });
  }

  /** Registers an agent and keeps it alive until `silence`. */
  async live(agentId: string, everyMs: number, groups: string[] = []): Promise<string> {
    const { token } = await this.register(agentId, { groups });
    const beat = () =>
      void this.heartbeat(agentId, token).catch((error: unknown) =>
        this.missed.push(`${agentId} ${codeOf(error)}`),
      );
    this.beats.set(agentId, setInterval(beat, everyMs));
    return token;
  }

  silence(agentId: string): void {
    clearInterval(this.beats.get(agentId));
    this.beats.delete(agentId);
  }

  /** Collects events as `agent.joined a`. */
  listen(): string[] {
    const heard: string[] = [];
    this.connection.subscribe('nexus.events.>', ({ subject, data }) => {
      const name = subject.split('.').slice(2).join('.') as EventName;
      const body = events[name].parse(decodeBody(data));
      if ('agentId' in body) heard.push(`${name} ${body.agentId}`);
    });
    return heard;
  }

  async stop(): Promise<void> {
    for (const agentId of [...this.beats.keys()]) this.silence(agentId);
    for (const follower of this.followers) follower.stop();
    for (const replica of this.replicas) await replica.close();
    await this.redis.close();
    await this.connection.close();
    await this.servers.stop();
  }
}

/** What a call failed with. */
export const codeOf = (error: unknown): string => NexusError.from(error).code;
