import { connect } from '@nats-io/transport-node';
import { type GrowTo } from '../fleets/fleet-plan.js';
import { type Load, type Sample } from '../measure/closed-loop.js';
import { type Contender } from '../measure/rounds.js';
import { NexusServices } from '../nexus-services.js';
import { Child } from '../processes/child.js';
import { type GroundContext } from '../sections/section.js';
import { type Act, type ClientOrder, type ReadyReply } from './peer.js';
import { type PeerName } from './peers.js';

/** One line of a table: a client of a peer. */
export interface Way {
  readonly name: string;
  readonly peer: PeerName;
  /** Which of its manners to ask. */
  readonly client: string;
  /** Larger fleets are too much for it, and left out. Default: none is. */
  readonly agentsMax?: number;
}

interface Contest {
  readonly way: Way;
  readonly client: Child;
  /** Why it takes part no more, once a fleet was too large for it. */
  out?: string;
}

export interface ArenaOptions {
  readonly context: GroundContext;
  /** First token of all subjects. */
  readonly prefix: string;
  readonly ways: readonly Way[];
  /** Processes that answer, where a peer is to have several. Default 1. */
  readonly crews?: Partial<Record<PeerName, number>>;
  /** Configuration of Nexus' services. */
  readonly variables?: Readonly<Record<string, string>>;
}

const growWithinMs = 180_000;
const beyondMs = 120_000;
const warmUpInFlight = 16;
/** No bound but time. Infinity would not survive the way to another process. */
export const callsUnbounded = Number.MAX_SAFE_INTEGER;
const entry = 'bench/peers/program.js';

/** All processes of the ways that are compared: a client a way, a crew a peer, and Nexus' services where it takes part. */
export class Arena {
  private readonly crews = new Map<PeerName, Child[]>();
  private readonly contests: Contest[] = [];
  private services: NexusServices | undefined;

  private constructor(private readonly options: ArenaOptions) {}

  /** Starts it all, runs the work, and ends it all, whatever happens; a child that dies fails the work. */
  static async during(options: ArenaOptions, work: (arena: Arena) => Promise<void>): Promise<void> {
    const arena = new Arena(options);
    options.context.progress(`${options.prefix}: starting ${options.ways.length} ways`);
    try {
      arena.start();
      await Promise.race([
        arena.whenServing().then(() => work(arena)),
        ...arena.children.map((child) => child.failed()),
        options.context.givenUp,
      ]);
    } finally {
      await Promise.all(arena.children.map((child) => child.stop()));
    }
  }

  /** Every way that can has so many agents to ask when this returns; the others are out from then on. */
  async grow(agents: number): Promise<void> {
    const order: GrowTo = { agents };
    const ready: ClientOrder = { ready: agents };
    const contests = this.contestsWith(agents);
    const grown = new Set(contests.flatMap(({ way }) => this.crews.get(way.peer) ?? []));
    // One after the other: they would slow down each other, up to where one seems dead.
    for (const crew of grown) await crew.ask(order, growWithinMs);
    for (const contest of contests) {
      const reply = (await contest.client.ask(ready, growWithinMs)) as ReadyReply;
      if (!reply.ready) contest.out = `not ready with ${agents} agents: ${reply.why}`;
    }
  }

  /** What runs for months is measured as it is after minutes, not as it is while its code is being compiled. */
  async warmUp(act: Act, agents: number, inFlight = warmUpInFlight): Promise<void> {
    const { effort, progress } = this.options.context;
    const load = { inFlight, durationMs: effort.warmUpMs, callsMax: callsUnbounded };
    for (const { name, measure } of this.contenders(act, agents, load)) {
      progress(`warming up: ${name}`);
      await measure();
    }
  }

  /** The ways that can have so many agents, ready to be compared. */
  contenders(act: Act, agents: number, load: Load): Contender[] {
    return this.contestsWith(agents).map(({ way, client }) => {
      const order: ClientOrder = { act, agents, load };
      return {
        name: way.name,
        measure: async () => (await client.ask(order, load.durationMs + beyondMs)) as Sample,
      };
    });
  }

  /** The ways that do not take part, and why. */
  leftOut(agents: number): { readonly name: string; readonly why: string }[] {
    return this.contests.flatMap(({ way: { name, agentsMax = Infinity }, out }) => {
      if (agents > agentsMax) return [{ name, why: `takes part up to ${agentsMax} agents` }];
      return out === undefined ? [] : [{ name, why: out }];
    });
  }

  private contestsWith(agents: number): Contest[] {
    return this.contests.filter(({ way, out }) => out === undefined && agents <= (way.agentsMax ?? Infinity));
  }

  private start(): void {
    const { context, prefix, ways, crews = {}, variables } = this.options;
    const { natsUrl, redisUrl } = context;
    const peersOf = new Set(ways.map(({ peer }) => peer));
    if (peersOf.has('nexus') || peersOf.has('nexusHosts')) {
      this.services = new NexusServices({ natsUrl, redisUrl, prefix, ...(variables && { variables }) });
    }
    const child = (role: string, peer: PeerName, client: string, instance: string) =>
      new Child({
        name: `${role} of ${peer} ${client}`,
        entry,
        args: [role, peer, client, natsUrl, prefix, instance],
      });
    for (const peer of peersOf) {
      const instances = Array.from({ length: crews[peer] ?? 1 }, (_, index) => `${peer}-crew-${index}`);
      this.crews.set(
        peer,
        instances.map((instance) => child('crew', peer, '-', instance)),
      );
    }
    for (const way of ways) {
      const instance = `${way.peer}-client-${way.client}`;
      this.contests.push({ way, client: child('client', way.peer, way.client, instance) });
    }
  }

  private async whenServing(): Promise<void> {
    if (this.services === undefined) return;
    const nats = await connect({ servers: this.options.context.natsUrl, name: 'bench arena' });
    await this.services.whenServing(nats);
    await nats.close();
  }

  private get children(): Child[] {
    return [
      ...(this.services?.children ?? []),
      ...[...this.crews.values()].flat(),
      ...this.contests.map(({ client }) => client),
    ];
  }
}
