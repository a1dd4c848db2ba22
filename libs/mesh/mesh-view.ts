import { type MemberId, type MemberKind, type MemberView } from '@nexus/contracts';
import {
  type Convergence,
  type MemberId as CoreMemberId,
  type MemberKind as CoreKind,
  type MemberView as CoreView,
} from '@nexus/core/gossip';
import { readVitals } from './vitals-text.js';

/** A member as this one sees it. */
export type MeshMemberView = MemberView;

/** Whether everybody knows the same, as far as this member can tell. */
export interface MeshConvergence {
  /** True only when every live member said to know what this one knows, and none is suspected or lately lost. */
  readonly converged: boolean;
  /** The versions for which that holds (or is not yet known to), a member each. */
  readonly versions: ReadonlyMap<MemberId, number>;
  /** Members that have not said so, or cannot be reached. */
  readonly waitingFor: readonly MemberId[];
}

// The core knows ids and kinds by names of its own: what services and agents are is none of its business.

const cores = { service: 'relay', agent: 'leaf' } as const satisfies Record<MemberKind, CoreKind>;

export const coreKind = (kind: MemberKind): CoreKind => cores[kind];

export const kindOf = (kind: CoreKind): MemberKind => (kind === 'relay' ? 'service' : 'agent');

/** Both are texts of one form. */
export const coreId = (id: string): CoreMemberId => id as CoreMemberId;

export const idOf = (id: CoreMemberId): MemberId => id as string as MemberId;

/** What the view of the core lacks. */
export interface Beside {
  readonly service: string | undefined;
  readonly rttMs: number | undefined;
}

export function memberViewOf(view: CoreView, { service, rttMs }: Beside): MeshMemberView {
  const vitals = readVitals(view.vitals);
  return {
    memberId: idOf(view.id),
    kind: kindOf(view.kind),
    ...(service !== undefined && { service }),
    status: view.status,
    // An infinite one has no place in JSON.
    phi: Math.min(view.phi, Number.MAX_SAFE_INTEGER),
    generation: view.generation,
    heartbeat: view.heartbeat,
    silentMs: view.silentMs,
    version: view.maxVersion,
    ...(rttMs !== undefined && { rttMs }),
    ...(vitals !== undefined && { vitals }),
  };
}

export const convergenceOf = ({ converged, versions, waitingFor }: Convergence): MeshConvergence => ({
  converged,
  versions: new Map([...versions].map(([id, version]) => [idOf(id), version])),
  waitingFor: waitingFor.map(idOf),
});
