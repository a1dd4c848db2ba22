import { type RedisKeys } from '@nexus/platform/redis';

/** Where the routes lie in Redis; the scripts know the same layout. */
export class RouteKeys {
  readonly root: string;
  readonly table: string;
  readonly ids: string;
  readonly due: string;
  readonly pulse: string;
  readonly load: string;

  constructor(private readonly keys: RedisKeys) {
    this.root = `${keys.of('routes')}:`;
    this.table = keys.of('routes', 'table');
    this.ids = keys.of('routes', 'ids');
    this.due = keys.of('routes', 'due');
    this.pulse = keys.of('routes', 'pulse');
    this.load = keys.of('routes', 'load');
  }

  row(agentId: string): string {
    return this.keys.of('routes', 'row', agentId);
  }

  /** What every script is given. */
  get all(): readonly string[] {
    return [this.table, this.ids, this.due, this.pulse, this.load];
  }
}
