import { type RedisKeys } from '@nexus/platform/redis';

/** Where the routes lie in Redis; the scripts know the same layout. */
export class RouteKeys {
  readonly root: string;
  readonly table: string;
  readonly ids: string;
  readonly due: string;
  readonly pulse: string;
  readonly load: string;
  readonly hosts: string;

  constructor(private readonly keys: RedisKeys) {
    this.root = `${keys.of('routes')}:`;
    this.table = keys.of('routes', 'table');
    this.ids = keys.of('routes', 'ids');
    this.due = keys.of('routes', 'due');
    this.pulse = keys.of('routes', 'pulse');
    this.load = keys.of('routes', 'load');
    this.hosts = keys.of('routes', 'hosts');
  }

  row(agentId: string): string {
    return this.keys.of('routes', 'row', agentId);
  }

  /** Under which name the signs of life of an agent are kept: those of a host's agents are kept together. */
  lifeOf({ agentId, host }: { readonly agentId: string; readonly host?: string | undefined }): string {
    return host === undefined ? agentId : hostLife(host);
  }

  /** What every script is given. */
  get all(): readonly string[] {
    return [this.table, this.ids, this.due, this.pulse, this.load, this.hosts];
  }
}

/** Told from every agent by a character that no id has. */
const hostLife = (host: string): string => `@${host}`;
