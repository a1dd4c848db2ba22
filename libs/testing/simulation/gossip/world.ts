import { type MemberId } from '@nexus/core/gossip';
import { Coverage } from '../coverage.js';
import { FaultInjector, type FaultyNodes } from '../fault-injector.js';
import { type Step } from '../fault.js';
import { Schedule } from '../schedule.js';
import { SeededRandom } from '../seeded-random.js';
import { Timeline } from '../timeline.js';
import { Trace } from '../trace.js';
import { Cluster } from './cluster.js';
import { type GossipCores } from './cores.js';
import { type Host } from './host.js';
import { Agreement } from './invariants/agreement.js';
import { Budget } from './invariants/budget.js';
import { FanOut } from './invariants/fan-out.js';
import { Knowledge } from './invariants/knowledge.js';
import { Membership, noticedRounds, welcomeRounds } from './invariants/membership.js';
import { forge } from './lie.js';
import { describeStep, type GossipFault } from './plan.js';
import { type GossipScenario } from './scenario.js';
import { type Observer, type Stepped } from './stepped.js';
import { traceStep } from './trace-step.js';
import { Trouble } from '../trouble.js';
import { type Life, Truth } from './truth.js';
import { type GossipContext } from './world-context.js';

interface WorldOptions {
  readonly scenario: GossipScenario;
  readonly cores: GossipCores;
  readonly keepsLines: boolean;
}

/** Twenty times what a run takes. */
const eventsMax = 1_000_000;
const epochMs = 1_700_000_000_000;
/** By what a machine's clock may differ after it was started anew. */
const clockStepsMs = [0, 0, 5_000, -200_000];
/** How long a goodbye that is late may be on its way. */
const lateRoundsMax = 5;
/** Of a storm that may silence somebody by itself. */
const heavyLoss = 0.3;

/** Members that gossip, what befalls them, and all that must hold meanwhile. */
export class World {
  readonly context: GossipContext;
  readonly cluster: Cluster;
  readonly knowledge: Knowledge;
  private readonly membership: Membership;
  private readonly agreement: Agreement;
  private readonly budget: Budget;
  private readonly fanOut = new FanOut();
  private readonly trouble: Trouble;
  private readonly schedule: Schedule<GossipFault>;
  private readonly retired = new Set<string>();

  constructor({ scenario, cores, keepsLines }: WorldOptions) {
    const timeline = new Timeline(eventsMax);
    const coverage = new Coverage();
    const truth = new Truth();
    const nowMs = () => timeline.nowMs;
    this.context = {
      ...{ scenario, cores, timeline, coverage, truth, epochMs },
      random: new SeededRandom(scenario.seed).fork('world'),
      trace: new Trace(keepsLines),
      judge: (step) => this.judge(step),
    };
    this.trouble = new Trouble(nowMs);
    this.cluster = new Cluster(this.context);
    this.knowledge = new Knowledge(truth);
    const { roundMs } = scenario.gossip;
    this.membership = new Membership({
      truth,
      trouble: this.trouble,
      nowMs,
      roundMs,
      relays: scenario.relays as MemberId[],
    });
    this.agreement = new Agreement(() => this.observers, truth, coverage);
    const kindOf = (id: MemberId) => this.cluster.hosts.get(id)?.kind;
    this.budget = new Budget({ limits: scenario.gossip, messageBytes: cores.messageBytes, kindOf });
    const { network } = this.cluster;
    const injector = new FaultInjector({ network, nodes: this.faultyNodes(), coverage });
    this.schedule = new Schedule(timeline, scenario.steps, (fault, step) =>
      this.begin(injector, fault, step),
    );
    for (const host of this.cluster.hosts.values())
      if (!scenario.newcomers.includes(host.id)) this.start(host);
  }

  get observers(): readonly Observer[] {
    return this.cluster.living.flatMap(({ observer }) => observer ?? []);
  }

  /** All faults end; who is gone for good stays so, and newcomers that have not come yet come. */
  heal(): void {
    this.schedule.heal();
    for (const name of this.context.scenario.newcomers) this.start(this.cluster.hosts.get(name)!);
  }

  private start(host: Host): void {
    if (this.retired.has(host.id)) return;
    // Its last life ended without a word; to the others it is as if it had been away.
    this.trouble.befalls(host.id);
    host.start();
    if (host.life) this.expectWelcome(host.life);
  }

  /** By everybody, if nothing befalls anybody meanwhile. */
  private expectWelcome(life: Life): void {
    const { timeline, scenario, coverage } = this.context;
    const fromMs = timeline.nowMs + 1;
    timeline.after(welcomeRounds * scenario.gossip.roundMs * (1 + scenario.jitter), () => {
      const names = [...this.cluster.hosts.keys()];
      if (life.endedAtMs !== null || names.some((name) => this.trouble.since(name, fromMs))) return;
      coverage.count('gossip: newcomers welcomed');
      for (const observer of this.observers) this.membership.judgeWelcome(observer, life);
    });
  }

  private judge(step: Stepped): void {
    traceStep(this.context, step);
    this.knowledge.stepped(step);
    this.membership.stepped(step);
    this.budget.stepped(step);
    this.fanOut.stepped(step);
    if (step.input.kind === 'round') this.agreement.judge(step.observer);
  }

  private begin(injector: FaultInjector, fault: GossipFault, step: Step<GossipFault>): () => void {
    const { trace, timeline, coverage, scenario, truth } = this.context;
    trace.number(step.number);
    trace.line(timeline.nowMs, () => `── ${describeStep(step)}`);
    const host = 'node' in fault ? this.cluster.hosts.get(fault.node) : undefined;
    switch (fault.kind) {
      case 'leave':
        return this.leave(host!, fault);
      case 'prune':
        host!.prune();
        return () => undefined;
      case 'join':
        this.start(host!);
        return () => undefined;
      case 'clock':
        coverage.count('fault: clock');
        host!.setClock(fault.byMs);
        return () => undefined;
      case 'lie': {
        const about = truth.latest(fault.about as MemberId);
        if (!about) return () => undefined;
        coverage.count(`lie: ${fault.lie}`);
        const { kindOf } = this.cluster;
        const wallMs = epochMs + Math.floor(timeline.nowMs);
        const { cluster } = scenario.gossip;
        this.cluster.lie(host!.id, forge(fault.lie, { cluster, to: host!.id, about, kindOf, wallMs }));
        return () => undefined;
      }
      default:
        return this.befall(injector, fault);
    }
  }

  private befall(injector: FaultInjector, fault: Parameters<FaultInjector['begin']>[0]): () => void {
    const end = injector.begin(fault);
    const calm = this.trouble.begin(this.troubled(fault));
    return () => {
      end();
      calm();
    };
  }

  private troubled(fault: Parameters<FaultInjector['begin']>[0]): readonly string[] {
    if (fault.kind === 'partition') return fault.nodes;
    if (fault.kind !== 'storm') return [fault.node];
    return fault.quality.lossChance > heavyLoss ? [...this.cluster.hosts.keys()] : [];
  }

  private leave(host: Host, { forGood, isLate }: Extract<GossipFault, { kind: 'leave' }>): () => void {
    const { coverage, scenario } = this.context;
    coverage.count('fault: leave');
    if (forGood) this.retired.add(host.id);
    const lateMsMax = lateRoundsMax * scenario.gossip.roundMs;
    const late = { ...scenario.quality, reorderChance: 1, lateMsMax };
    const onTime = isLate ? this.cluster.network.degrade(late) : () => undefined;
    host.leave();
    onTime();
    this.trouble.befalls(host.id);
    return () => this.start(host);
  }

  private faultyNodes(): FaultyNodes {
    const host = (name: string) => this.cluster.hosts.get(name)!;
    return {
      names: () => [...this.cluster.hosts.keys()],
      resolve: (node) => node,
      crash: (name, loses) => this.crash(host(name), loses === 'everything'),
      pause: (name) => host(name).process?.pause() ?? (() => undefined),
      skew: (name, factor) => host(name).process?.skew(factor) ?? (() => undefined),
      suffer: () => () => undefined,
    };
  }

  private crash(host: Host, forGood: boolean): () => void {
    const { life } = host;
    if (forGood) this.retired.add(host.id);
    host.crash();
    if (life) this.expectNotice(life);
    const clockMs = this.context.random.fork(`restart/${host.id}/${life?.number ?? 0}`).pick(clockStepsMs);
    return () => {
      host.setClock(clockMs);
      this.start(host);
    };
  }

  /** Of all who knew the life when it ended, and had nothing that kept them from noticing. */
  private expectNotice(ended: Life): void {
    const { timeline, scenario, coverage } = this.context;
    const witnesses = this.observers.filter(({ views }) => {
      const view = views.get(ended.id);
      return view?.status === 'alive' && ended.generations.has(view.generation);
    });
    const calm = witnesses.filter(({ id }) => this.membership.isCalm(id, ended.id));
    timeline.after(noticedRounds * scenario.gossip.roundMs * (1 + scenario.jitter), () => {
      for (const observer of this.observers) {
        const watched = calm.some(({ life }) => life === observer.life);
        if (!watched || !this.membership.isCalm(observer.id)) continue;
        coverage.count('gossip: deaths noticed');
        this.membership.judgeNotice(observer, ended);
      }
    });
  }
}
