import { type Route, type Selector } from '@nexus/contracts';
import { answerTag } from '@nexus/wire';

/** Agents of one host, by their places among the targets. */
export interface HostReach {
  readonly hostId: string;
  readonly slots: readonly number[];
}

/** Hosts that are reached together, and agents on their own; by their places. */
export interface Ways {
  /** Hosts of two targets and more. */
  readonly hosts: readonly HostReach[];
  readonly alone: readonly number[];
}

/** Who answers on a shared reply subject: an agent, by its place, or a host. */
export type Speaker =
  { readonly kind: 'agent'; readonly slot: number } | { readonly kind: 'host'; readonly host: HostReach };

/**
 * How the targets of one resolution are reached with the fewest messages: a group whose members all hear its subject by
 * one publish; otherwise a host's agents by one message to the host, and everybody else alone.
 */
export class Reach implements Ways {
  /** The subject of this group reaches all; undefined where it does not. */
  readonly group: string | undefined;
  /** Hosts of two targets and more, if there is no group. */
  readonly hosts: readonly HostReach[];
  /** Places of those who are reached on a subject of their own. */
  readonly alone: readonly number[];
  private readonly slots: ReadonlyMap<string, number>;
  private speakers: ReadonlyMap<string, Speaker> | undefined;

  constructor(
    private readonly agents: readonly Route[],
    { group }: Selector,
  ) {
    this.slots = new Map(agents.map(({ agentId }, slot) => [agentId, slot]));
    this.group = group !== undefined && agents.every(hearsGroups) ? group : undefined;
    const { hosts, alone } = waysTo(agents, agents.keys());
    this.hosts = hosts;
    this.alone = this.group === undefined ? alone : [];
  }

  /** The agent's place among the targets; undefined when it is none. */
  slotOf(agentId: string): number | undefined {
    return this.slots.get(agentId);
  }

  /**
   * Who has a tag; undefined for a tag that no target has.
   * @param root of the reply subjects on which tags are heard: the same for the life of the process
   */
  speakerOf(tag: string, root: string): Speaker | undefined {
    this.speakers ??= this.tagsUnder(root);
    return this.speakers.get(tag);
  }

  private tagsUnder(root: string): Map<string, Speaker> {
    const speakers = new Map<string, Speaker>();
    const hosted = new Map<string, number[]>();
    this.agents.forEach((route, slot) => {
      const tag = tagOf(route, root);
      if (route.host === undefined) speakers.set(tag, { kind: 'agent', slot });
      else {
        // A host's agents share its token, and so its tag.
        const slots = hosted.get(tag);
        if (slots) slots.push(slot);
        else {
          const own = [slot];
          hosted.set(tag, own);
          speakers.set(tag, { kind: 'host', host: { hostId: route.host, slots: own } });
        }
      }
    });
    return speakers;
  }
}

const hearsGroups = ({ groupSubjects }: Route): boolean => groupSubjects === true;

/** How these of the agents are reached with the fewest messages, but for groups. */
export function waysTo(agents: readonly Route[], slots: Iterable<number>): Ways {
  const slotsOf = new Map<string, number[]>();
  const alone: number[] = [];
  for (const slot of slots) {
    const { host } = agents[slot]!;
    if (host === undefined) alone.push(slot);
    else if (slotsOf.has(host)) slotsOf.get(host)!.push(slot);
    else slotsOf.set(host, [slot]);
  }
  const hosts: HostReach[] = [];
  for (const [hostId, slots] of slotsOf) {
    if (slots.length === 1) alone.push(slots[0]!);
    else hosts.push({ hostId, slots });
  }
  return { hosts, alone };
}

/** A row is replaced when anything of it changes, so what is made of it is kept as long as it is. */
const tags = new WeakMap<Route, { readonly root: string; readonly tag: string }>();

function tagOf(route: Route, root: string): string {
  const known = tags.get(route);
  if (known?.root === root) return known.tag;
  const tag = answerTag(route.tokenHash, root);
  tags.set(route, { root, tag });
  return tag;
}

const reaches = new WeakMap<readonly Route[], Reach>();

/** The reach of a resolution, worked out once for as long as the table hands the same one out. */
export function reachOf(agents: readonly Route[], selector: Selector): Reach {
  const known = reaches.get(agents);
  if (known) return known;
  const reach = new Reach(agents, selector);
  reaches.set(agents, reach);
  return reach;
}
