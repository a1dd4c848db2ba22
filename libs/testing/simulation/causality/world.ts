import { type Channel, type SenderId, type Stamp } from '@nexus/core/causality';
import { Coverage } from '../coverage.js';
import { FaultInjector, type FaultyNodes } from '../fault-injector.js';
import { type Step } from '../fault.js';
import { Schedule } from '../schedule.js';
import { SeededRandom } from '../seeded-random.js';
import { SimulatedNetwork } from '../simulated-network.js';
import { Timeline } from '../timeline.js';
import { Trace } from '../trace.js';
import { Trouble } from '../trouble.js';
import { hold } from '../violation.js';
import { type CausalityCores } from './cores.js';
import { History } from './history.js';
import { Judge } from './judge.js';
import { type CausalityFault, describeStep, type Lie } from './plan.js';
import { Node } from './node.js';
import { type Post } from './post.js';
import { type CausalityScenario } from './scenario.js';
import { type CausalityContext } from './world-context.js';

interface WorldOptions {
  readonly scenario: CausalityScenario;
  readonly cores: CausalityCores;
  readonly keepsLines: boolean;
}

const eventsMax = 2_000_000;
/** On top of all asks: what is under way, and a turn. */
const repairSlackMs = 500;

/** Coordinators and agents, what they send each other, and what befalls them. */
export class World {
  readonly context: CausalityContext;
  readonly nodes = new Map<string, Node>();
  private readonly network: SimulatedNetwork<Post>;
  private readonly trouble: Trouble;
  private readonly schedule: Schedule<CausalityFault>;
  private readonly retired = new Set<string>();
  private areLiesTold = false;

  constructor({ scenario, cores, keepsLines }: WorldOptions) {
    const timeline = new Timeline(eventsMax);
    const coverage = new Coverage();
    const random = new SeededRandom(scenario.seed).fork('world');
    const history = new History();
    const nowMs = () => timeline.nowMs;
    this.trouble = new Trouble(nowMs);
    const { repairAfterMs, repairEveryMs, repairsMax } = scenario.receiver;
    const judge = new Judge({
      ...{ history, trouble: this.trouble, coverage, nowMs },
      patienceMs: repairAfterMs + Math.floor(repairsMax / 2) * repairEveryMs,
      repairMs: repairAfterMs + repairsMax * repairEveryMs + repairSlackMs,
      keepers: () => [...this.nodes.values()].flatMap(({ keeper }) => keeper ?? []),
      areLiesTold: () => this.areLiesTold,
    });
    const channels = [...new Set([...scenario.agents.values()].flat())];
    this.context = {
      ...{ scenario, cores, random, timeline, coverage, history, judge, channels },
      trace: new Trace(keepsLines),
      names: [...scenario.coordinators, ...scenario.agents.keys()],
      membersOf: (channel) => this.membersOf(channel),
      listenersOf: (channel) =>
        this.membersOf(channel).flatMap((name) => this.nodes.get(name)?.listener ?? []),
      bounded: (isBounded, what) => hold(isBounded, 'what is held back is bounded', () => what),
    };
    this.network = new SimulatedNetwork<Post>({
      ...{ timeline, random: random.fork('network'), coverage, quality: scenario.quality },
      deliver: ({ to, message }) => this.nodes.get(to)?.process?.post(message),
    });
    const injector = new FaultInjector({ network: this.network, nodes: this.faultyNodes(), coverage });
    this.schedule = new Schedule(timeline, scenario.steps, (fault, step) =>
      this.begin(injector, fault, step),
    );
    for (const name of scenario.coordinators) this.add(name, null);
    for (const [name, its] of scenario.agents) this.add(name, its);
    for (const node of this.nodes.values()) if (!scenario.newcomers.includes(node.name)) node.start();
  }

  heal(): void {
    this.schedule.heal();
    for (const name of this.context.scenario.newcomers) this.start(name);
  }

  /** Lives that go on: what these sent can still be asked for. */
  get senders(): ReadonlySet<SenderId> {
    return new Set([...this.nodes.values()].flatMap(({ self }) => self ?? []));
  }

  private add(name: string, channels: readonly Channel[] | null): void {
    const send = (from: string, to: string, message: Post) => this.network.send({ from, to, message });
    this.nodes.set(name, new Node({ name, channels, context: this.context, send }));
  }

  private membersOf(channel: Channel): readonly string[] {
    return [...this.context.scenario.agents].flatMap(([name, channels]) =>
      channels.includes(channel) ? [name] : [],
    );
  }

  private start(name: string): void {
    if (this.retired.has(name)) return;
    this.trouble.befalls(name);
    this.nodes.get(name)!.start();
  }

  private begin(injector: FaultInjector, fault: CausalityFault, step: Step<CausalityFault>): () => void {
    const { trace, timeline } = this.context;
    trace.number(step.number);
    trace.line(timeline.nowMs, () => `── ${describeStep(step)}`);
    if (fault.kind === 'join') {
      this.start(fault.node);
      return () => undefined;
    }
    if (fault.kind === 'lie') {
      this.lie(fault.node, fault.lie);
      return () => undefined;
    }
    if (fault.kind === 'last_words') {
      this.lastWords(fault);
      return () => undefined;
    }
    const end = injector.begin(fault);
    const troubled =
      fault.kind === 'partition' ? fault.nodes : fault.kind === 'storm' ? this.context.names : [fault.node];
    const calm = this.trouble.begin(troubled);
    return () => {
      end();
      calm();
    };
  }

  private lastWords({ node, unheardBy }: Extract<CausalityFault, { kind: 'last_words' }>): void {
    const hears = this.network.cut({ from: node, to: unheardBy });
    this.nodes.get(node)!.broadcast('all');
    hears();
    this.retired.add(node);
    this.nodes.get(node)!.crash();
    this.trouble.befalls(node);
    this.context.coverage.count('fault: last words');
  }

  private lie(name: string, lie: Lie): void {
    const { coverage } = this.context;
    const victim = this.nodes.get(name)!;
    const other = [...this.nodes.values()].find(({ self }) => self !== null && self !== victim.self);
    if (victim.self === null || !other?.self) return;
    coverage.count(`lie: ${lie}`);
    if (lie === 'you have sent more than you did') victim.believe(900, [victim.self]);
    else if (lie === 'others have sent millions') victim.believe(50_000_000, this.othersOf(victim.self));
    else if (this.context.scenario.agents.has(name)) this.deceive(name, other.self);
  }

  /** Also those who have not spoken for themselves yet. */
  private othersOf(self: SenderId): readonly SenderId[] {
    return [...this.senders].filter((sender) => sender !== self);
  }

  /** A message that comes after what was never sent. */
  private deceive(name: string, about: SenderId): void {
    const { history, timeline, channels } = this.context;
    this.areLiesTold = true;
    const sent = Math.max(0, ...history.all.map(({ letter }) => placeIn(letter.stamp, about)));
    const stamp: Stamp = {
      sender: 'liar.00000000',
      broadcast: undefined,
      after: new Map(channels.map((channel) => [channel, new Map([[about, sent + 2]])])),
    };
    const letter = history.enterFalse(stamp, timeline.nowMs);
    this.network.send({ from: 'liar', to: name, message: { kind: 'letter', letter } });
  }

  private faultyNodes(): FaultyNodes {
    const node = (name: string) => this.nodes.get(name)!;
    return {
      names: () => [...this.nodes.keys()],
      resolve: (name) => name,
      crash: (name, loses) => {
        if (loses === 'everything') this.retired.add(name);
        node(name).crash();
        return () => this.start(name);
      },
      pause: (name) => node(name).process?.pause() ?? (() => undefined),
      skew: (name, factor) => node(name).process?.skew(factor) ?? (() => undefined),
      suffer: () => () => undefined,
    };
  }
}

const placeIn = ({ sender, broadcast }: Stamp, of: SenderId): number =>
  sender === of && broadcast ? broadcast.sequence : 0;
