import { type Load, loadSchema, NexusError, type Route } from '@nexus/contracts';
import { type RouteSnapshot } from '@nexus/core/route-table';
import { type RedisConnection } from '@nexus/platform/redis';
import { readPulse, suspicionOf } from '../liveness/pulse.js';
import { type SilenceTerms } from '../liveness/silence-terms.js';
import { type HostLoad, hostedLoadOf, readHostLoad } from './host-load.js';
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
    const hosts = await this.connection.run((redis) => redis.hgetall(this.keys.hosts));
    const routes: Route[] = [];
    for (let after: string | undefined; ;) {
      const ids = await this.idsBehind(after);
      for (const route of await Promise.all(ids.map((id) => this.row(id, hosts))))
        if (route) routes.push(route);
      after = ids.at(-1);
      if (ids.length < pageMax) break;
    }
    if ((await this.position()).epoch !== position.epoch) throw replaced();
    return { ...position, routes };
  }

  /** Last signs of life and loads of these agents; empty ones while Redis does not answer. */
  async vitals(routes: readonly Route[]): Promise<readonly Vitals[]> {
    if (routes.length === 0 || !this.connection.connected) return routes.map(() => ({}));
    try {
      const lives = routes.map((route) => this.keys.lifeOf(route));
      const [pulses, loads, clock] = await this.connection.run((redis) =>
        Promise.all([
          redis.hmgetBuffer(this.keys.pulse, ...lives),
          redis.hmget(this.keys.load, ...lives),
          redis.time(),
        ]),
      );
      const [seconds, micros] = clock.map(Number);
      const nowMs = seconds! * 1_000 + micros! / 1_000;
      const loadOf = loadReader();
      return routes.map((route, index) => ({
        ...this.livenessOf(pulses[index], nowMs),
        ...loadOf(route, loads[index]),
      }));
    } catch (error) {
      if (NexusError.from(error).code !== 'unavailable') throw error;
      return routes.map(() => ({}));
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

  /** @param hosts the tokens of hosts, of whose agents none has one of its own; those that have joined since are added */
  private async row(agentId: string, hosts: Record<string, string>): Promise<Route | undefined> {
    const [json, token, liveness, version, host] = await this.connection.run((redis) =>
      redis.hmget(this.keys.row(agentId), 'route', 'tokenHash', 'liveness', 'version', 'host'),
    );
    const tokenHash = token ?? (host ? await this.tokenOf(host, hosts) : undefined);
    if (!json || !tokenHash || !liveness) return undefined; // removed since its id was read
    return routeOf(json, { tokenHash, liveness, version: Number(version) });
  }

  private async tokenOf(host: string, known: Record<string, string>): Promise<string | undefined> {
    if (Object.hasOwn(known, host)) return known[host];
    const tokenHash = await this.connection.run((redis) => redis.hget(this.keys.hosts, host));
    if (tokenHash) known[host] = tokenHash;
    return tokenHash ?? undefined;
  }
}

/** Reads the loads of one page; that of a host, which comes with each of its agents, once. */
function loadReader(): (route: Route, stored: string | null | undefined) => Vitals {
  const hosts = new Map<string, HostLoad | undefined>();
  return ({ agentId, host }, stored) => {
    if (host === undefined) return loadOf(stored);
    if (!hosts.has(host)) hosts.set(host, readHostLoad(stored));
    const ofHost = hosts.get(host);
    return ofHost ? { load: hostedLoadOf(ofHost, agentId) } : {};
  };
}

function loadOf(load: string | null | undefined): Vitals {
  const parsed = load ? loadSchema.safeParse(JSON.parse(load)) : undefined;
  return parsed?.success ? { load: parsed.data } : {};
}

const replaced = () => new NexusError('unavailable', 'the routes were wiped while they were read');
