import { type Configuration, type MemberId, type Message, type Snapshot } from '@nexus/core/raft';
import { Coverage } from '../coverage.js';
import { FaultInjector, type FaultyNodes } from '../fault-injector.js';
import { type Step } from '../fault.js';
import { Schedule } from '../schedule.js';
import { SeededRandom } from '../seeded-random.js';
import { type Envelope, SimulatedNetwork } from '../simulated-network.js';
import { Timeline } from '../timeline.js';
import { Trace } from '../trace.js';
import { type Cores } from './cores.js';
import { type Group } from './group.js';
import { Host } from './host.js';
import { encodeImage } from './image-codec.js';
import { Invariants } from './invariants/invariants.js';
import { leads } from './invariants/stepped.js';
import { type MemberRecord } from './member-record.js';
import { Operator } from './operator.js';
import { describeStep, type RaftFault } from './plan.js';
import { ProposalTable } from './proposal-table.js';
import { type Answer, type Ask } from './request.js';
import { type Scenario } from './scenario.js';
import { stateLimits } from './state-limits.js';
import { type WorldContext } from './world-context.js';

/** What travels between hosts. */
type Payload =
  | { readonly kind: 'message'; readonly from: MemberId; readonly to: MemberId; readonly message: Message }
  | { readonly kind: 'ask'; readonly to: MemberId; readonly ask: Ask }
  | { readonly kind: 'answer'; readonly deliver: () => void };

interface WorldOptions {
  readonly scenario: Scenario;
  readonly cores: Cores;
  readonly keepsLines: boolean;
}

/** Fifty times what a run takes. */
const eventsMax = 400_000;

/** Hosts, their members, the network between them, and what befalls them. */
export class World implements Group {
  readonly context: WorldContext;
  readonly hosts = new Map<string, Host>();
  readonly records = new Map<MemberId, MemberRecord>();
  readonly network: SimulatedNetwork<Payload>;
  readonly operator: Operator;
  readonly schedule: Schedule<RaftFault>;
  /** Hosts that are down on purpose. */
  private readonly retired = new Set<string>();
  private reachable: ReadonlySet<string> | null = null;

  constructor({ scenario, cores, keepsLines }: WorldOptions) {
    const names = Array.from({ length: scenario.membersAtFirst }, (_, at) => `s${at + 1}`);
    const initial: Configuration = { voters: names.map((name) => `${name}.1` as MemberId), learners: [] };
    const timeline = new Timeline(eventsMax);
    const coverage = new Coverage();
    const invariants = new Invariants(this.records, initial, coverage);
    const trace = new Trace(keepsLines);
    this.context = {
      scenario,
      cores,
      timeline,
      trace,
      coverage,
      invariants,
      table: new ProposalTable(trace),
    };
    this.network = new SimulatedNetwork({
      timeline,
      random: new SeededRandom(scenario.seed).fork('network'),
      coverage,
      quality: scenario.quality,
      deliver: (envelope) => this.deliver(envelope),
    });
    this.operator = new Operator(this);
    const injector = new FaultInjector({ network: this.network, nodes: this.faultyNodes(), coverage });
    this.schedule = new Schedule(timeline, scenario.steps, (fault, step) =>
      this.begin(injector, fault, step),
    );
    const base = formation(cores, initial);
    for (const name of names) this.addHost(name, base);
  }

  /** @param base of a member of the initial group; null for a newcomer, who is in nobody's configuration */
  addHost(name: string, base: Snapshot | null = null): Host {
    const host = new Host({
      name,
      context: this.context,
      send: (from, { to, message }) => this.post(name, to, { kind: 'message', from: from.id, to, message }),
      forward: (from, to, ask) => this.forward(from, to, ask),
    });
    this.hosts.set(name, host);
    this.format(host, base);
    host.start();
    return host;
  }

  /** Who leads, as the newest of those who believe it do. */
  leader(): Host | undefined {
    let leader: Host | undefined;
    let newest = -1;
    for (const host of this.hosts.values()) {
      const standing = host.member?.standing;
      if (!standing || !leads(standing) || standing.term <= newest) continue;
      newest = standing.term;
      leader = host;
    }
    return leader;
  }

  hostOf(member: MemberId): Host | undefined {
    return this.hosts.get(this.records.get(member)?.host ?? '');
  }

  /** Ends a host for good. */
  retire(host: Host): void {
    this.retired.add(host.name);
    host.crash();
  }

  start(host: Host): void {
    if (!this.retired.has(host.name)) host.start();
  }

  /** All faults end, and the group stays as it is. */
  heal(): void {
    this.operator.stop();
    this.schedule.heal();
  }

  /** From now on only these hear of each other; what is under way is lost. */
  isolate(hosts: ReadonlySet<string>): void {
    this.reachable = hosts;
    this.network.loseAll();
  }

  /** Whether it is not down for good. */
  canRun(host: Host): boolean {
    return !this.retired.has(host.name);
  }

  private format(host: Host, base: Snapshot | null): void {
    const record = host.format(base);
    this.records.set(record.id, record);
  }

  private begin(injector: FaultInjector, fault: RaftFault, step: Step<RaftFault>): () => void {
    const { trace, timeline } = this.context;
    trace.number(step.number);
    trace.line(timeline.nowMs, () => `── ${describeStep(step)}`);
    if (fault.kind === 'transfer' || fault.kind === 'grow' || fault.kind === 'shrink') {
      this.operator.begin(fault);
      return () => undefined;
    }
    return injector.begin(fault);
  }

  private faultyNodes(): FaultyNodes {
    const host = (name: string) => this.hosts.get(name);
    return {
      names: () => [...this.hosts.keys()],
      resolve: (node) => (node === 'leader' ? this.leader()?.name : host(node)?.name),
      crash: (name, loses) => this.crash(host(name)!, loses),
      pause: (name) => host(name)!.member?.process.pause() ?? (() => undefined),
      skew: (name, factor) => host(name)!.member?.process.skew(factor) ?? (() => undefined),
      suffer: (name, condition) => {
        const end = host(name)!.disk.suffer(condition);
        return () => {
          end();
          this.start(host(name)!);
        };
      },
    };
  }

  private crash(host: Host, loses: 'unsynced' | 'everything'): () => void {
    const { record } = host;
    const isLost = loses === 'everything' && record !== null && this.operator.canSpare(record.id);
    host.crash();
    if (isLost) {
      this.context.coverage.count('disk: lost');
      this.operator.replace(host, record.id, () => this.format(host, null));
    }
    return () => this.start(host);
  }

  private post(from: string, to: MemberId, payload: Payload): void {
    const record = this.records.get(to);
    if (record) this.network.send({ from, to: record.host, message: payload });
  }

  private forward(from: Host, to: MemberId, ask: Ask): void {
    const { member } = from;
    const target = this.records.get(to)?.host;
    if (!member || target === undefined) return;
    const reply = (answer: Answer): void => {
      const deliver = () => member.process.post({ kind: 'call', run: () => ask.reply(answer) });
      this.network.send({ from: target, to: from.name, message: { kind: 'answer', deliver } });
    };
    this.post(from.name, to, { kind: 'ask', to, ask: { request: ask.request, reply } });
  }

  private deliver({ from, to, message: payload }: Envelope<Payload>): void {
    if (this.reachable && !(this.reachable.has(from) && this.reachable.has(to))) return;
    if (payload.kind === 'answer') {
      payload.deliver();
      return;
    }
    const host = this.hosts.get(to);
    // A store that was lost is not answered for by the one that took its place.
    if (host?.record?.id !== payload.to) return;
    host.member?.process.post(payload);
  }
}

/**
 * What all initial members begin with. It stands at index 1, so that a newcomer, who has nothing at all, is sent it and
 * not only the log that follows: it would never learn the first configuration from that.
 */
function formation(cores: Cores, configuration: Configuration): Snapshot {
  const image = encodeImage(new cores.ReplicatedState(stateLimits).image());
  return { index: 1, term: 1, configuration, image };
}
