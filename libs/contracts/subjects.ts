import { NexusError } from './error.js';
import { idPattern, idRule } from './ids.js';

/** Names between braces in a subject template: `agents.register.{agentId}` → `agentId`. */
export type SubjectParams<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | SubjectParams<Rest>
  : never;

const param = /\{([A-Za-z]+)\}/g;

/**
 * Builds a subject. Ids reach subjects through this function alone, and it refuses what could widen one.
 * @param prefix first token of every subject of this deployment, as `nexus`
 * @param template subject below the prefix with `{name}` for each id, as `agent.{agentId}`
 * @throws NexusError `invalid_argument` when an id has any character outside `[A-Za-z0-9_-]`
 */
export function subjectOf<T extends string>(
  prefix: string,
  template: T,
  params: Readonly<Record<SubjectParams<T>, string>>,
): string {
  const named = params as Readonly<Record<string, string>>;
  let subject = token('prefix', prefix);
  for (const { text, name } of partsOf(template)) {
    subject += name === '' ? `.${text}` : `.${token(name, named[name])}`;
  }
  return subject;
}

/**
 * The subject to subscribe to for a template: each `{name}` becomes `*`, or what is fixed for it.
 * @throws NexusError `invalid_argument` when what is fixed is no id
 */
export function subscriptionOf(
  prefix: string,
  template: string,
  fixed: Readonly<Record<string, string>> = {},
): string {
  const tokens = template.replace(param, (_, name: string) =>
    name in fixed ? token(name, fixed[name]) : '*',
  );
  return `${token('prefix', prefix)}.${tokens}`;
}

/**
 * Reads the ids back from a concrete subject.
 * @throws NexusError `invalid_argument` when a token is no id
 */
export function subjectParams(template: string, subject: string): Record<string, string> {
  const params: Record<string, string> = {};
  const parts = partsOf(template);
  if (parts.every(({ name }) => name === '')) return params;
  const tokens = subject.split('.').slice(1);
  parts.forEach(({ name }, index) => {
    if (name !== '') params[name] = token(name, tokens[index]);
  });
  return params;
}

/** One token of a template: a text, or the name of an id. */
interface Part {
  readonly text: string;
  /** Empty where the text stands for itself. */
  readonly name: string;
}

/** Of every template that was used: they are constants of the contract, and a subject is built for every message. */
const parsedTemplates = new Map<string, readonly Part[]>();

function partsOf(template: string): readonly Part[] {
  const known = parsedTemplates.get(template);
  if (known !== undefined) return known;
  const parts = template
    .split('.')
    .map((text) => ({ text, name: text.startsWith('{') ? text.slice(1, -1) : '' }));
  parsedTemplates.set(template, parts);
  return parts;
}

function token(name: string, value: string | undefined): string {
  if (value !== undefined && idPattern.test(value)) return value;
  throw new NexusError('invalid_argument', `${name}: ${idRule}`, {
    details: [{ path: name, message: idRule }],
  });
}

/** Subjects that carry no request of an endpoint. */
export const subjects = {
  /** Nexus → one agent. */
  agent: 'agent.{agentId}',
  /** Nexus → several agents of one host. */
  host: 'host.{hostId}',
  /** Nexus → one agent of a host. */
  hostedAgent: 'host.{hostId}.{agentId}',
  /** Nexus, or a member → every agent of a group. */
  group: 'group.{group}',
  /** An agent of a group → the others of the group; the sender is the last token. */
  groupPeer: 'group.{group}.from.{agentId}',
  /** One agent → another; the sender is the last token. */
  agentPeer: 'agent.{to}.from.{agentId}',
  /** How far a sender of causal broadcasts has come → everybody. */
  causalFrontier: 'causal.frontier.{memberId}',
  /** Who begins to listen → all senders of causal broadcasts. */
  causalSync: 'causal.sync',
  /** Who misses broadcasts → their sender. */
  causalRepair: 'causal.repair.{memberId}',
  /** Who misses broadcasts of a sender that is gone → whoever has kept them. */
  causalRecover: 'causal.recover',
  /** Gossip between two members; permissions pin kind and sender. */
  mesh: 'mesh.{to}.{kind}.{from}',
  /** Gossip to any one seed. */
  meshSeed: 'mesh-seed.{kind}.{from}',
  /** What happened, for whoever listens. */
  event: 'events.{domain}.{event}',
  /** Route table changes → clients that share work out by themselves. */
  publicRoutesDelta: 'routes.delta',
  /** Where the route table stands, once a second → the same. */
  publicRoutesBeacon: 'routes.beacon',
  /** Route table changes, routing → coordinators; internal. */
  routesDelta: 'int.routes.delta',
  /** Where the route table stands, once a second, so that a lost change is noticed; internal. */
  routesBeacon: 'int.routes.beacon',
  /** What a coordinator has in flight at agents → the other coordinators; internal. */
  coordinatorLoads: 'int.loads.{coordinatorId}',
  /** Where the models stand, every other second → coordinators; internal. */
  intelligenceBeacon: 'int.intelligence.beacon',
  /** Raft messages to one replica; internal. */
  consensusPeer: 'int.consensus.{replicaId}.raft',
  /** Who is there and with which log, until a group is formed or joined; internal. */
  consensusHello: 'int.consensus.hello',
  /** What other replicas were asked and this one, if it leads, can do; internal. */
  consensusForward: 'int.consensus.{replicaId}.forward',
  /** What came of what this replica forwarded; internal. */
  consensusAnswer: 'int.consensus.{replicaId}.answer',
} as const;
