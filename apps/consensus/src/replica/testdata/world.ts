import { type MemberId, type Message, type Snapshot } from '@nexus/core/raft';
import {
  Coverage,
  Durability,
  FaultInjector,
  hold,
  Schedule,
  SeededRandom,
  SimulatedNetwork,
  Timeline,
} from '@nexus/testing';
import { isDeepStrictEqual } from 'node:util';
import { restoreStateAtOnce } from '../image-codec.js';
import { decodeProposal } from '../proposal-codec.js';
import { Replica, type ReplicaOptions } from '../replica.js';
import { Journal } from './journal.js';
import { Load } from './load.js';
import { type Mishap, names, scenarioOf } from './scenario.js';
import { SimulatedMember } from './simulated-member.js';
import { Ledger } from './work.js';

/** Promises are kept between two slices: a write that ends is heard of that much later. */
const sliceMs = 1;
const inspectionMs = 10;
/** Many elections long. */
const recoveryMsMax = 5_000;

export interface RunResult {
  readonly seed: number;
  readonly coverage: Readonly<Record<string, number>>;
  /** Null when every promise was kept. */
  readonly violation: string | null;
}

/** Runs three replicas through what the seed has for them, then heals all. */
export async function runReplicas(
  seed: number,
  begin: (options: ReplicaOptions) => Replica = (options) => new Replica(options),
): Promise<RunResult> {
  const world = new World(seed, begin);
  let violation: string | null = null;
  try {
    await world.run();
  } catch (error) {
    violation = String(error);
  }
  world.end();
  return { seed, coverage: world.coverage.toObject(), violation };
}

class World {
  readonly coverage = new Coverage();
  private readonly timeline = new Timeline();
  private readonly journal = new Journal();
  private readonly ledger = new Ledger();
  private readonly members: readonly SimulatedMember[];
  private readonly schedule: Schedule<Mishap>;
  private readonly load: Load;
  private broken: Error | null = null;

  constructor(
    seed: number,
    begin: (options: ReplicaOptions) => Replica,
    private readonly scenario = scenarioOf(seed),
  ) {
    const { timeline, coverage, journal, ledger } = this;
    const random = new SeededRandom(seed).fork('world');
    const network = new SimulatedNetwork<Message>({
      ...{ timeline, coverage, random: random.fork('network'), quality: scenario.quality },
      deliver: ({ from, to, message }) => this.member(to)?.deliver(from as MemberId, message),
    });
    const surroundings = {
      ...{ scenario, timeline, coverage, journal, ledger, begin },
      // Whether what a leader calls committed is so is seen by what is applied.
      durability: new Durability({ lastIndex: Number.POSITIVE_INFINITY }),
      send: (from: MemberId, to: MemberId, message: Message) => network.send({ from, to, message }),
      broken: (error: Error) => (this.broken ??= error),
    };
    const configuration = { voters: names as MemberId[], learners: [] };
    const base: Snapshot = { index: 0, term: 0, configuration, image: new Uint8Array(0) };
    this.members = names.map((name) => new SimulatedMember(name as MemberId, surroundings, base, random));
    const injector = new FaultInjector({ network, coverage, nodes: this.faultyNodes() });
    this.schedule = new Schedule(timeline, scenario.steps, (mishap) => this.begin(injector, mishap));
    this.load = new Load(surroundings, this.members);
  }

  async run(): Promise<void> {
    await this.pass(this.scenario.faultsMs);
    this.load.stop();
    this.schedule.heal();
    this.load.insist({ command: { type: 'put', key: 'k.1', value: 'last' }, requestId: 'last' });
    const deadlineMs = this.timeline.nowMs + recoveryMsMax;
    while (!this.isSettled) {
      hold(this.timeline.nowMs < deadlineMs, 'a healed group settles', () => this.describe());
      // Also who heard only now that its disk had failed.
      for (const member of this.members) member.start();
      await this.pass(inspectionMs);
    }
    this.ledger.close();
    this.judgeStates();
  }

  private begin(injector: FaultInjector, mishap: Mishap): () => void {
    const leader = this.leader();
    switch (mishap.kind) {
      case 'burst':
        this.load.burst();
        return () => undefined;
      case 'transfer':
        leader?.post((replica) => replica.transfer(null, () => undefined));
        return () => undefined;
      case 'unplug':
        return (mishap.node === 'leader' ? leader : this.member(mishap.node))?.unplug() ?? (() => undefined);
      default:
        return injector.begin(mishap);
    }
  }

  end(): void {
    for (const member of this.members) member.crash();
  }

  private async pass(durationMs: number): Promise<void> {
    const untilMs = this.timeline.nowMs + durationMs;
    let inspectedMs = this.timeline.nowMs;
    while (this.timeline.nowMs < untilMs) {
      this.timeline.run(Math.min(untilMs, this.timeline.nowMs + sliceMs));
      await Promise.resolve();
      if (this.broken !== null) throw this.broken;
      if (this.timeline.nowMs - inspectedMs < inspectionMs) continue;
      inspectedMs = this.timeline.nowMs;
      for (const member of this.members) member.inspect();
    }
  }

  private get isSettled(): boolean {
    const applied = this.members.map(({ replica }) => replica?.appliedIndex);
    const leading = this.leader()?.replica?.status();
    return (
      this.load.isSettled &&
      leading !== undefined &&
      leading.commit === leading.lastIndex &&
      applied.every((index) => index === leading.commit)
    );
  }

  /** All are in the same state: the one that the log makes, and their images with what follows them as well. */
  private judgeStates(): void {
    const { journal } = this;
    for (const member of this.members) member.learn();
    const expected = journal.state.image();
    for (const member of this.members) {
      const replica = member.replica!;
      const { snapshot } = member.log;
      const rebuilt = restoreStateAtOnce(snapshot.image);
      for (let index = snapshot.index + 1; index <= replica.appliedIndex; index += 1) {
        const entry = member.log.entryAt(index)!;
        if (entry.kind === 'command') rebuilt.apply(entry, decodeProposal(entry.command));
      }
      hold(isDeepStrictEqual(rebuilt.image(), expected), 'an image is the state', () => member.id);
      for (const key of this.load.keys) {
        const { index, ...reading } = { ...(replica.readLocal({ key }) as object & { index: number }) };
        hold(
          index === journal.lastIndex && isDeepStrictEqual(reading, journal.state.key(key)),
          'all end in the same state',
          () => `${member.id}: ${JSON.stringify(reading)}`,
        );
      }
    }
  }

  private member(name: string): SimulatedMember | undefined {
    return this.members.find(({ id }) => id === name);
  }

  /** The newest of those who believe that they lead. */
  private leader(): SimulatedMember | undefined {
    return this.members
      .filter(({ replica }) => replica?.leads === true)
      .sort((a, b) => b.replica!.standing.term - a.replica!.standing.term)[0];
  }

  private faultyNodes() {
    const of = (name: string) => this.member(name)!;
    return {
      names: () => names,
      resolve: (node: string) => (node === 'leader' ? this.leader()?.id : node),
      crash: (name: string) => {
        of(name).crash();
        return () => of(name).start();
      },
      pause: (name: string) => of(name).pause(),
      skew: (name: string, factor: number) => of(name).skew(factor),
      suffer: (name: string, condition: Parameters<SimulatedMember['suffer']>[0]) =>
        of(name).suffer(condition),
    };
  }

  private describe(): string {
    const members = this.members.map(({ id, replica }) => ({
      ...{ id, applied: replica?.appliedIndex, standing: replica?.standing, status: replica?.status() },
    }));
    return JSON.stringify({ settled: this.load.isSettled, members });
  }
}
