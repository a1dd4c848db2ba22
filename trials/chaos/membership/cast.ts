/** What a member of the trial is. */
export const serviceRoles = ['consensus', 'routing', 'coordinator', 'gossip'] as const;
export type ServiceRole = (typeof serviceRoles)[number];
export type Role = ServiceRole | 'agent';

export interface Part {
  readonly id: string;
  readonly role: Role;
}

/** In this order services are added: the least that works comes first, and twelve have three replicas of the log. */
const order: readonly ServiceRole[] = [
  ...(['consensus', 'routing', 'coordinator', 'gossip'] as const),
  ...([
    'consensus',
    'consensus',
    'coordinator',
    'gossip',
    'routing',
    'gossip',
    'coordinator',
    'gossip',
  ] as const),
];

/** The members: services, a role each, and agents. */
export function castOf(services: number, agents: number): Part[] {
  const counts = new Map<Role, number>();
  const part = (role: Role): Part => {
    const number = (counts.get(role) ?? 0) + 1;
    counts.set(role, number);
    return { id: `${role}-${number}`, role };
  };
  return [
    ...Array.from({ length: services }, (_, at) => part(order[at % order.length]!)),
    ...Array.from({ length: agents }, () => part('agent')),
  ];
}

/** A full collection takes a process tens of milliseconds: of agents, which are all alike, one in so many is weighed. */
const agentsPerWeighed = 5;

/** Whether it is to tell what it holds. */
export function isWeighed({ id, role }: Part): boolean {
  return role !== 'agent' || Number(id.slice(id.lastIndexOf('-') + 1)) % agentsPerWeighed === 0;
}

/** How many of a role may be down at once while the others are to serve: a log needs its majority, the rest one. */
export function downMaxOf(role: Role, count: number): number {
  if (role === 'agent') return count;
  return role === 'consensus' ? Math.floor((count - 1) / 2) : count - 1;
}
