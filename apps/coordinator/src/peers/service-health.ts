import { type MemberView, type ServiceName } from '@nexus/contracts';
import { type MeshMember } from '@nexus/mesh';

type Members = Pick<MeshMember, 'members' | 'on'>;

/** Suspicion is no death: a member that is merely late may serve all the same. */
const mayServe = ({ status }: MemberView) => status === 'alive' || status === 'suspected';

/**
 * How the other services do, by what the gossip says; nobody is called to find out. These are hints: gossip may be late,
 * or cut off from what a request would still reach.
 */
export class ServiceHealth {
  /** When the last live member of a service was lost, by our own clock. */
  private readonly lostAtMs = new Map<string, number>();
  /** Members change by the dozen, when many start or go: one look is enough for all that came in one turn. */
  private turn: NodeJS.Immediate | undefined;

  constructor(private readonly mesh: Members) {
    mesh.on(({ kind }) => {
      if (kind !== 'key') this.turn ??= setImmediate(() => this.look());
    });
  }

  /**
   * When the last member of a service was lost, by `performance.now()`. Undefined while one may be alive, and while none
   * was ever heard of: who has just started knows nothing.
   */
  missingSince(service: ServiceName): number | undefined {
    if (this.turn !== undefined) this.look();
    return this.lostAtMs.get(service);
  }

  private look(): void {
    clearImmediate(this.turn);
    this.turn = undefined;
    const alive = new Map<string, boolean>();
    for (const member of this.mesh.members()) {
      if (member.service === undefined) continue;
      alive.set(member.service, mayServe(member) || (alive.get(member.service) ?? false));
    }
    // One that was forgotten meanwhile is as lost as it was.
    for (const [service, isAlive] of alive) {
      if (isAlive) this.lostAtMs.delete(service);
      else if (!this.lostAtMs.has(service)) this.lostAtMs.set(service, performance.now());
    }
  }
}
