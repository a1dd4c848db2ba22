import { type AgentId, type Load, loadSchema, NexusError, type Route } from '@nexus/contracts';
import { type RouteSnapshot } from '@nexus/core/route-table';
import { type RedisConnection } from '@nexus/platform/redis';
import { readPulse, suspicionOf } from '../liveness/pulse.js';
import { type SilenceTerms } from '../liveness/silence-terms.js';
import { RouteKeys } from './route-keys.js';
import { routeOf } from './route-record.js';

/** What Redis knows of an agent that the table does not carry, as it changes with every heartbeat. */
export interface Vitals {
  readonly lastSeenAt?: string;
  readonly suspicion?: number;
  readonly load?: Load;
}

const pageMax = 500;

/** Reads the routes from Redis without holding it up: a page at a time. */
export class RouteReader {
  private readonly keys: RouteKeys;

  constructor(
    private readonly connection: RedisConnection,
    private readonly terms: SilenceTerms,
  ) {
    this.keys = new RouteKeys(connection.keys);
  }

  /**
   * The whole table. The version is read first, so rows may be newer than it, never older.
   * @throws NexusError `unavailable` while Redis does not answer, or when it was wiped meanwhile
   */
  async snapshot(): Promise<RouteSnapshot<Route>> {
    const position = await this.position();
    const routes: Route[] = [];
    for (let after: string | undefined; ;) {
      const ids = await this.idsBehind(after);
      for (const route of await Promise.all(ids.map((id) => this.row(id)))) if (route) routes.push(route);
      after = ids.at(-1);
      if (ids.length < pageMax) break;
    }
    if ((await this.position()).epoch !== position.epoch) throw replaced();
    return { ...position, routes };
  }

  /** Last signs of life and loads of these agents; empty ones while Redis does not answer. */
  async vitals(agentIds: readonly AgentId[]): Promise<readonly Vitals[]> {
    if (agentIds.length === 0 || !this.connection.connected) return agentIds.map(() => ({}));
    try {
      const [pulses, loads, clock] = await this.connection.run((redis) =>
        Promise.all([
          redis.hmgetBuffer(this.keys.pulse, ...agentIds),
          redis.hmget(this.keys.load, ...agentIds),
          redis.time(),
        ]),
      );
      const [seconds, micros] = clock.map(Number);
      const nowMs = seconds! * 1_000 + micros! / 1_000;
      return agentIds.map((_, index) => ({
        ...this.livenessOf(pulses[index], nowMs),
        ...loadOf(loads[index]),
      }));
    } catch (error) {
      if (NexusError.from(error).code !== 'unavailable') throw error;
      return agentIds.map(() => ({}));
    }
  }

  private livenessOf(stored: Buffer | null | undefined, nowMs: number): Vitals {
    const pulse = readPulse(stored);
    if (!pulse) return {};
    const suspicion = Math.round(suspicionOf(pulse, nowMs, this.terms) * 100) / 100;
    return { lastSeenAt: new Date(pulse.seenMs).toISOString(), suspicion };
  }

  private async position(): Promise<{ epoch: string; version: number }> {
    const [epoch, version] = await this.connection.run((redis) =>
      redis.hmget(this.keys.table, 'epoch', 'version'),
    );
    if (!epoch) throw replaced();
    return { epoch, version: Number(version) };
  }

  private idsBehind(after: string | undefined): Promise<string[]> {
    const from = after === undefined ? '-' : `(${after}`;
    return this.connection.run((redis) => redis.zrangebylex(this.keys.ids, from, '+', 'LIMIT', 0, pageMax));
  }

  private async row(agentId: string): Promise<Route | undefined> {
    const [json, tokenHash, liveness, version] = await this.connection.run((redis) =>
      redis.hmget(this.keys.row(agentId), 'route', 'tokenHash', 'liveness', 'version'),
    );
    if (!json || !tokenHash || !liveness) return undefined; // removed since its id was read
    return routeOf(json, { tokenHash, liveness, version: Number(version) });
  }
}

function loadOf(load: string | null | undefined): Vitals {
  const parsed = load ? loadSchema.safeParse(JSON.parse(load)) : undefined;
  return parsed?.success ? { load: parsed.data } : {};
}

const replaced = () => new NexusError('unavailable', 'the routes were wiped while they were read');
