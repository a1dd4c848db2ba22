import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { startServers, type Servers } from '@nexus/platform/servers';
import { subjectOf } from '@nexus/contracts';
import { until } from '../../waiting.js';

/** Nothing goes from the one to the other. */
export interface Cut {
  readonly from: string;
  readonly to: string;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

export interface BrokerOptions {
  readonly folder: string;
  readonly prefix: string;
  readonly replicas: readonly string[];
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

const reloadWithinMs = 5_000;
const client = 'client';

/**
 * A nats-server of its own, with a user for each replica: what a user may publish is one direction of each edge of the
 * network. Rewriting it cuts exactly that, without any connection being lost, as a network that drops packets does.
 */
export class Broker {
  private constructor(
    private readonly options: BrokerOptions,
    private readonly servers: Servers,
    private readonly config: Pick<Config, 'passwords' | 'serverName'>,
  ) {}

  static async start(options: BrokerOptions): Promise<Broker> {
    const { folder, replicas, log } = options;
    const passwords = new Map([client, ...replicas].map((user) => [user, randomBytes(12).toString('hex')]));
    await mkdir(join(folder, 'infra', 'nats'), { recursive: true });
    await writeFile(configPath(folder), configText({ ...options, passwords, cuts: [] }));
    const servers = await startServers({
      dataDir: join(folder, 'broker'),
      infraDir: join(folder, 'infra'),
      ports: { nats: 0 },
      redisUrl: 'redis:none',
      supervise: false,
      log,
    });
    return new Broker(options, servers, { passwords, serverName: await nameOf(servers.nats.url) });
  }

  get url(): string {
    return this.servers.nats.url;
  }

  credentialsOf(user: string): Credentials {
    return { user, password: this.config.passwords.get(user) ?? '' };
  }

  /** From now on exactly these edges are cut; none heals all. Returns once the server has taken it. */
  async cut(cuts: readonly Cut[]): Promise<void> {
    const { folder, signal } = this.options;
    const draft = `${configPath(folder)}.new`;
    await writeFile(draft, configText({ ...this.options, ...this.config, cuts }));
    await rename(draft, configPath(folder));
    const before = await this.reloads();
    this.servers.nats.process?.kill('SIGHUP');
    await until('nats-server reloads', { withinMs: reloadWithinMs, everyMs: 2, signal }, async () =>
      (await this.reloads()) > before ? true : undefined,
    );
  }

  stop(): Promise<void> {
    return this.servers.stop();
  }

  private async reloads(): Promise<number> {
    const log = await readFile(join(this.options.folder, 'broker', 'logs', 'nats-server.log'), 'utf8');
    return log.split('Reloaded server configuration').length - 1;
  }
}

const configPath = (folder: string) => join(folder, 'infra', 'nats', 'nats.conf');

/** The name was given on the command line; a reload takes a configuration without it for a change of the name. */
async function nameOf(url: string): Promise<string> {
  const connection = await connect({ servers: url });
  const name = connection.info?.server_name ?? '';
  await connection.close();
  return name;
}

interface Config extends Pick<BrokerOptions, 'prefix' | 'replicas'> {
  readonly passwords: ReadonlyMap<string, string>;
  /** Known once the server runs. */
  readonly serverName?: string;
  readonly cuts: readonly Cut[];
}

function configText({ prefix, replicas, passwords, serverName, cuts }: Config): string {
  const users = [client, ...replicas].map((user) => {
    const deny = cuts
      .filter(({ from }) => from === user)
      .map(({ to }) => `"${subjectOf(prefix, 'int.consensus.{replicaId}', { replicaId: to })}.>"`);
    const permissions = deny.length === 0 ? '' : `, permissions: { publish: { deny: [${deny.join(', ')}] } }`;
    return `    { user: "${user}", password: "${passwords.get(user)}"${permissions} }`;
  });
  return [
    ...(serverName === undefined ? [] : [`server_name: "${serverName}"`]),
    'max_payload: 1MB',
    'max_pending: 64MB',
    'write_deadline: "10s"',
    'authorization {',
    '  users: [',
    users.join(',\n'),
    '  ]',
    '}',
    // The launcher sees by a plain connection that the server serves.
    `no_auth_user: "${client}"`,
    '',
  ].join('\n');
}
