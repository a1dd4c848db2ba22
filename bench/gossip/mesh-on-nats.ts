import { MeshMember } from '@nexus/mesh';
import { Connection } from '@nexus/wire';

const prefix = 'bench-mesh';
const newsKey = 'news';
const joinWithinMs = 30_000;
const spreadWithinMs = 30_000;
const pollMs = 50;
const vitals = () => ({ cpu: 0.1, memory: 0.2, loopLagMs: 1 });

/** Members on one NATS server, each on a connection of its own as if it were a process. */
export class MeshOnNats {
  private changes = 0;

  private constructor(
    private readonly connections: readonly Connection[],
    private readonly members: readonly MeshMember[],
  ) {}

  static async start(natsUrl: string, count: number): Promise<MeshOnNats> {
    const ids = Array.from({ length: count }, (_, at) => `member-${at}`);
    const connections = await Promise.all(ids.map((name) => Connection.open({ servers: natsUrl, name })));
    const members = await Promise.all(
      ids.map((id, at) =>
        MeshMember.start({
          ...{ connection: connections[at]!, prefix, vitals },
          self: { id, kind: 'service', service: 'gossip' },
        }),
      ),
    );
    const mesh = new MeshOnNats(connections, members);
    await mesh.whole();
    return mesh;
  }

  /** Puts something urgent at one member; resolves when all have it. */
  async spread(): Promise<void> {
    this.changes += 1;
    const value = this.changes;
    const from = this.members[value % this.members.length]!;
    const heard = this.members
      .filter((member) => member !== from)
      .map((member) => hears(member, from, value));
    from.put(newsKey, value, { urgent: true });
    await Promise.all(heard);
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.leave()));
    await Promise.all(this.connections.map((connection) => connection.close()));
  }

  private async whole(): Promise<void> {
    const deadline = performance.now() + joinWithinMs;
    while (!this.members.every((member) => member.convergence().versions.size === this.members.length)) {
      if (performance.now() > deadline) throw new Error('the members did not find each other');
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
}

function hears(member: MeshMember, from: MeshMember, value: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => end(() => reject(new Error('a member did not hear of it'))),
      spreadWithinMs,
    );
    const stop = member.on((change) => {
      if (change.kind === 'key' && change.memberId === from.id && change.value === value) end(resolve);
    });
    const end = (settle: () => void) => {
      clearTimeout(timer);
      stop();
      settle();
    };
  });
}
