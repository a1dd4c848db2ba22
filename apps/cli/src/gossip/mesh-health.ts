import { NexusError } from '@nexus/contracts';
import { Advised } from '../ending/next-step.js';
import { type Link } from '../connect/open-client.js';
import { GossipDoor, type MembersSeen, type StateSeen } from './ask-gossip.js';
import { convergenceText } from './render-state.js';

/** How the members stand. */
export interface MeshFigures {
  /** The live ones, suspected ones among them. */
  readonly members: number;
  readonly services: number;
  readonly agents: number;
  readonly suspected: readonly string[];
  /** Dead, and not yet forgotten. */
  readonly dead: readonly string[];
  readonly converged: boolean;
  /** Whether all know the same, in words. */
  readonly convergence: string;
}

/** Undefined when no gossip service answers. */
export async function surveyMesh(
  link: Pick<Link, 'connection' | 'replies' | 'prefix'>,
): Promise<MeshFigures | undefined> {
  const door = new GossipDoor(link);
  try {
    const [seen, state] = await Promise.all([door.members(), door.state()]);
    return meshFigures(seen, state);
  } catch (thrown) {
    if (thrown instanceof Advised || thrown instanceof NexusError) return undefined;
    throw thrown;
  }
}

/** @internal exported for its spec */
export function meshFigures({ members }: MembersSeen, state: StateSeen): MeshFigures {
  const live = members.filter(({ status }) => status === 'alive' || status === 'suspected');
  const named = (wanted: string) =>
    members.flatMap(({ memberId, status }) => (status === wanted ? [memberId] : []));
  const services = live.filter(({ kind }) => kind === 'service').length;
  return {
    members: live.length,
    services,
    agents: live.length - services,
    suspected: named('suspected'),
    dead: named('dead'),
    converged: state.converged,
    convergence: convergenceText(state),
  };
}

const shownMax = 5;

/** What is not as it should be, a sentence each. */
export function meshFaults({ suspected, dead }: MeshFigures): string[] {
  const listed = (names: readonly string[]) =>
    names.slice(0, shownMax).join(', ') +
    (names.length > shownMax ? ` and ${names.length - shownMax} more` : '');
  return [
    ...(suspected.length > 0 ? [`suspected: ${listed(suspected)}`] : []),
    ...(dead.length > 0 ? [`dead: ${listed(dead)}`] : []),
  ];
}
