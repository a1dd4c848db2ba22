import { type MemberKind, type MemberStatus } from '@nexus/contracts';
import { MeshMember, type MeshSettings } from '@nexus/mesh';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { Connection } from '@nexus/wire';

export const roundMs = 50;

export interface MemberSpec {
  readonly kind?: MemberKind;
  readonly service?: string;
  readonly cluster?: string;
  readonly settings?: Partial<MeshSettings>;
  /** Another way to the server. */
  readonly natsUrl?: string;
}

/** A member with the connection that it has for itself. */
export interface RiggedMember {
  readonly mesh: MeshMember;
  readonly connection: Connection;
}

/** Members on one real NATS server. */
export class MeshRig {
  private readonly connections: Connection[] = [];
  private readonly meshes: MeshMember[] = [];

  private constructor(readonly servers: TestServers) {}

  static async start(): Promise<MeshRig> {
    return new MeshRig(await startTestServers({ nats: true }));
  }

  async connect(name = 'test', natsUrl = this.servers.natsUrl): Promise<Connection> {
    const connection = await Connection.open({ servers: natsUrl, name });
    this.connections.push(connection);
    return connection;
  }

  async join(id: string, spec: MemberSpec = {}): Promise<RiggedMember> {
    const { kind = 'service', service = 'gossip', cluster, settings, natsUrl } = spec;
    const connection = await this.connect(id, natsUrl);
    const mesh = await MeshMember.start({
      connection,
      prefix: 'nexus',
      ...(cluster !== undefined && { cluster }),
      self: { id, kind, ...(kind === 'service' && { service }) },
      vitals: () => ({ cpu: 0.5, memory: 0.25, loopLagMs: 1 }),
      settings: { roundMs, ...settings },
    });
    this.meshes.push(mesh);
    return { mesh, connection };
  }

  joinAll(ids: readonly string[], spec: MemberSpec = {}): Promise<RiggedMember[]> {
    return Promise.all(ids.map((id) => this.join(id, spec)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.meshes.map((mesh) => mesh.leave()));
    await Promise.all(this.connections.map((connection) => connection.close()));
    await this.servers.stop();
  }
}

export const idsOf = (mesh: MeshMember, status: MemberStatus = 'alive'): string[] =>
  mesh
    .members()
    .filter((member) => member.status === status)
    .map(({ memberId }) => String(memberId))
    .sort();

/** All of them see exactly these alive. */
export const allSee = (members: readonly RiggedMember[], ids: readonly string[]) =>
  eventually(`all see ${ids.join(', ')} alive`, () =>
    members.every(({ mesh }) => idsOf(mesh).join() === [...ids].sort().join()),
  );

export const converged = (members: readonly RiggedMember[]) =>
  eventually('all say that all know the same', () =>
    members.every(({ mesh }) => mesh.convergence().converged),
  );
