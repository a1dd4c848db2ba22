import {
  type AgentId,
  type InFlightNews,
  inFlightNewsSchema,
  limits,
  parse,
  subjectOf,
  subjectParams,
  subjects,
  subscriptionOf,
} from '@nexus/contracts';
import { type Connection, decodeBody, encodeBody } from '@nexus/wire';
import { type FleetLoads } from '../fleet/fleet-loads.js';

export interface InFlightSharingOptions {
  readonly connection: Connection;
  /** First token of every subject. */
  readonly prefix: string;
  /** This coordinator, an id. */
  readonly self: string;
  /** This process: another one under the same id begins with nothing in flight. */
  readonly life: string;
  readonly loads: FleetLoads;
  /** Counts what could not be read. */
  readonly drops: { malformedInternal: number };
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/** How often changes are told, in milliseconds: an agent that answers within it is hardly worth telling of. */
const everyMs = 100;
/** Everything is told again each so many rounds, for whoever missed some of it. */
const wholeEvery = 20;
/** Whoever is silent for so long has nothing in flight any more, in milliseconds. */
const silentMs = 5_000;
/** Coordinators listened to; more are not. */
const peersMax = 1_024;

interface Peer {
  life: string;
  heardAtMs: number;
  readonly counts: Map<string, number>;
}

/**
 * Tells the other coordinators what this one has in flight at each agent, and hears it of them, so that no two take an
 * agent for idle. Of what is lost on the way the next whole account tells; what a coordinator had in flight that died is
 * forgotten after a while.
 */
export class InFlightSharing {
  private readonly peers = new Map<string, Peer>();
  private readonly subscription: { unsubscribe(): void };
  private readonly timer: NodeJS.Timeout;
  private round = 0;

  /** Begins at once. */
  constructor(private readonly options: InFlightSharingOptions) {
    const { connection, prefix } = options;
    this.subscription = connection.subscribe(
      subscriptionOf(prefix, subjects.coordinatorLoads),
      ({ subject, data }) => {
        try {
          const { coordinatorId = '' } = subjectParams(subjects.coordinatorLoads, subject);
          if (coordinatorId === options.self) return;
          this.hear(coordinatorId, parse(inFlightNewsSchema, decodeBody(data, 'msgpack'), 'loads'));
        } catch {
          options.drops.malformedInternal += 1;
        }
      },
    );
    this.timer = setInterval(() => this.tick(), everyMs).unref();
  }

  /** Tells that nothing is in flight here, and hears no more. */
  stop(): void {
    clearInterval(this.timer);
    this.subscription.unsubscribe();
    this.tell([], true);
  }

  private tick(): void {
    this.forgetSilent();
    const { loads } = this.options;
    const isWhole = this.round++ % wholeEvery === 0;
    const changed = loads.takeChanged();
    if (isWhole) this.tell(loads.busy(), true);
    else if (changed.length > 0) this.tell(changed, false);
  }

  /** In as many messages as it takes: of a whole account the first one clears, and the others add to it. */
  private tell(agents: [string, number][], isWhole: boolean): void {
    const { connection, prefix, self, life } = this.options;
    let at = 0;
    try {
      const subject = subjectOf(prefix, subjects.coordinatorLoads, { coordinatorId: self });
      do {
        const part = agents.slice(at, at + limits.inFlightNewsMax) as [AgentId, number][];
        const news: InFlightNews = { life, whole: isWhole && at === 0, agents: part };
        connection.publish(subject, encodeBody(news, 'msgpack'));
        at += part.length;
      } while (at < agents.length);
    } catch {
      // Cut off, or too much at once: the next whole account makes up for it.
    }
  }

  private hear(coordinatorId: string, { life, whole, agents }: InFlightNews): void {
    const known = this.peers.get(coordinatorId);
    if (known && (known.life !== life || whole)) this.forgetCounts(known);
    if (!known && this.peers.size >= peersMax) return;
    const peer = known ?? { life, heardAtMs: 0, counts: new Map<string, number>() };
    peer.life = life;
    peer.heardAtMs = this.options.now();
    this.peers.set(coordinatorId, peer);
    for (const [agentId, count] of agents) this.note(peer, agentId, count);
  }

  private note({ counts }: Peer, agentId: string, count: number): void {
    const before = counts.get(agentId) ?? 0;
    if (count === 0) counts.delete(agentId);
    else counts.set(agentId, count);
    if (count !== before) this.options.loads.addElsewhere(agentId, count - before);
  }

  private forgetSilent(): void {
    const longAgoMs = this.options.now() - silentMs;
    for (const [coordinatorId, peer] of this.peers) {
      if (peer.heardAtMs > longAgoMs) continue;
      this.forgetCounts(peer);
      this.peers.delete(coordinatorId);
    }
  }

  private forgetCounts(peer: Peer): void {
    for (const agentId of [...peer.counts.keys()]) this.note(peer, agentId, 0);
  }
}
