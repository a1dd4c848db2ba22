import { type MemberId, type MemberKind, type Message, type Outgoing } from '@nexus/core/gossip';
import { type Envelope, SimulatedNetwork } from '../simulated-network.js';
import { Host } from './host.js';
import { type Forged, mole } from './lie.js';
import { type GossipContext } from './world-context.js';

interface Parcel {
  readonly fromKind: MemberKind;
  readonly message: Message;
}

/** Machines, the members that live on them, and the network between them. */
export class Cluster {
  readonly hosts = new Map<string, Host>();
  readonly network: SimulatedNetwork<Parcel>;

  constructor(readonly context: GossipContext) {
    const { scenario, timeline, random, coverage } = context;
    this.network = new SimulatedNetwork({
      timeline,
      random: random.fork('network'),
      coverage,
      quality: scenario.quality,
      deliver: (envelope) => this.deliver(envelope),
    });
    const clocks = random.fork('clocks');
    const add = (kind: MemberKind) => (name: string) => {
      const clockOffsetMs = Math.floor(clocks.between(-1, 1) * scenario.clockSpreadMs);
      const send = (from: Host, outgoing: Outgoing) => this.send(from, outgoing);
      this.hosts.set(name, new Host({ name, kind, context, clockOffsetMs, send }));
    };
    scenario.relays.forEach(add('relay'));
    scenario.leaves.forEach(add('leaf'));
  }

  readonly kindOf = (id: MemberId): MemberKind =>
    this.hosts.get(id)?.kind ?? (id === mole ? 'relay' : 'leaf');

  /** Those that live, paused or not. */
  get living(): readonly Host[] {
    return [...this.hosts.values()].filter(({ life }) => life !== null);
  }

  lie(to: string, { from, fromKind, message }: Forged): void {
    this.network.send({ from, to, message: { fromKind, message } });
  }

  private send(from: Host, { to, message }: Outgoing): void {
    const target = to === 'seed' ? this.anySeed(from) : to;
    if (target !== undefined)
      this.network.send({ from: from.id, to: target, message: { fromKind: from.kind, message } });
  }

  /** A queue group: any one of the relays that subscribe, be it asleep. Nobody hears itself. */
  private anySeed(asker: Host): string | undefined {
    const seeds = this.living.filter(({ id, kind }) => kind === 'relay' && id !== asker.id);
    return seeds.length === 0 ? undefined : asker.pick(seeds).id;
  }

  private deliver({ from, to, message: { fromKind, message } }: Envelope<Parcel>): void {
    const input = { kind: 'message', from: from as MemberId, fromKind, message } as const;
    this.hosts.get(to)?.process?.post(input);
  }
}
