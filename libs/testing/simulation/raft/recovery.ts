import { type MemberId } from '@nexus/core/raft';
import { SeededRandom } from '../seeded-random.js';
import { hold } from '../violation.js';
import { type Host } from './host.js';
import { leads } from './invariants/stepped.js';
import { type World } from './world.js';

/** In longest election time-outs: far more than it takes, far less than for ever. */
const boundElections = 60;
/** What one entry takes at worst: there are worlds of one entry an append, one append at a time, late every so often. */
const exchangeMs = 100;
const lookEveryMs = 25;

/** The liveness phase: faults end at a quorum, and it must elect, commit and catch up within a bound. */
export class Recovery {
  private readonly random: SeededRandom;
  private readonly core: ReadonlySet<string>;
  private answered = 0;

  constructor(private readonly world: World) {
    this.random = new SeededRandom(world.context.scenario.seed).fork('recovery');
    this.core = new Set(this.chooseCore().map(({ name }) => name));
  }

  /** @throws Violation when the quorum does not come to work in time */
  run(): void {
    const { context } = this.world;
    const { timeline, trace, coverage, scenario } = context;
    if (this.core.size === 0) {
      coverage.count('recovery: no quorum is left');
      return;
    }
    trace.line(timeline.nowMs, () => `── healed: ${[...this.core].join(', ')}; the others are cut off`);
    this.world.isolate(this.core);
    for (const name of this.core) this.world.start(this.world.hosts.get(name)!);
    const longestMs = scenario.raft.electionTicksMax * scenario.tickMs;
    const boundMs = longestMs * boundElections;
    this.await(boundMs, 'a healed quorum elects a leader, who commits its term', () => this.isLed());
    this.ask();
    this.await(boundMs + this.backlogMs, 'a healed quorum commits, answers and catches up', () =>
      this.isDone(),
    );
    coverage.count('recovery: done');
  }

  /** Time for whoever is furthest behind to be sent what it lacks. */
  private get backlogMs(): number {
    const ends = [...this.core].map((name) => this.world.hosts.get(name)?.record?.durable.lastIndex ?? 0);
    return (Math.max(...ends) - Math.min(...ends)) * exchangeMs;
  }

  private await(boundMs: number, invariant: string, isReached: () => boolean): void {
    const { timeline } = this.world.context;
    const untilMs = timeline.nowMs + boundMs;
    // Looked at in intervals: it concerns all members.
    while (timeline.nowMs < untilMs && !isReached()) timeline.run(timeline.nowMs + lookEveryMs);
    hold(isReached(), invariant, () => `not within ${boundMs} ms: ${this.stateOfCore()}`);
  }

  /** Nobody proposed anything meanwhile: whoever leads must commit what is in its log by itself (Raft, §8). */
  private isLed(): boolean {
    const { commits } = this.world.context.invariants;
    return [...this.core].some((name) => {
      const standing = this.world.hosts.get(name)?.member?.standing;
      return standing !== undefined && leads(standing) && commits.hasTerm(standing.term);
    });
  }

  /** As few as can be, by chance, such that every configuration in their logs has its majority among them. */
  private chooseCore(): Host[] {
    const { random } = this;
    let core = random.shuffled([...this.world.hosts.values()].filter((host) => this.world.canRun(host)));
    if (!isCore(core)) return [];
    for (const candidate of [...core]) {
      const rest = core.filter((host) => host !== candidate);
      if (random.chance(0.5) && isCore(rest)) core = rest;
    }
    return core;
  }

  /** One fresh proposal and one read at each gateway. */
  private ask(): void {
    const { answers } = this.world.context.invariants;
    for (const name of this.core) {
      const host = this.world.hosts.get(name)!;
      const propose = () =>
        host.member?.process.post({
          kind: 'call',
          run: () =>
            host.gateway?.propose({ type: 'put', key: 'end', value: name }, ({ kind }) => {
              if (kind === 'outcome') this.answered++;
              else propose();
            }),
        });
      const read = () =>
        host.member?.process.post({
          kind: 'call',
          run: () =>
            host.gateway?.read('end', answers.floor, ({ kind }) => {
              if (kind === 'reading') this.answered++;
              else read();
            }),
        });
      propose();
      read();
    }
  }

  private isDone(): boolean {
    if (this.answered < 2 * this.participants().length) return false;
    const { floor } = this.world.context.invariants.answers;
    const hosts = this.participants();
    return (
      hosts.every(({ member }) => (member?.appliedIndex ?? -1) >= floor) &&
      hosts.some(({ member }) => member && leads(member.standing))
    );
  }

  /** Members of the committed configuration; others of the core need not hear of anything. */
  private participants(): Host[] {
    const { voters, learners } = this.world.context.invariants.commits.configuration;
    return [...voters, ...learners].flatMap((member) => {
      const host = this.world.hostOf(member);
      return host?.record?.id === member && this.core.has(host.name) ? [host] : [];
    });
  }

  private stateOfCore(): string {
    return [...this.core]
      .map((name) => this.world.hosts.get(name)!)
      .map(
        ({ name, member }) =>
          `${name} ${JSON.stringify(member?.standing)} applied ${member?.appliedIndex ?? '-'}`,
      )
      .join('; ');
  }
}

function isCore(hosts: readonly Host[]): boolean {
  const present = new Set<MemberId>(hosts.flatMap(({ record }) => (record ? [record.id] : [])));
  const configurations = hosts.flatMap(({ record }) => (record ? [record.durable, record.current] : []));
  const isQuorum = configurations.every(
    ({ configuration: { voters } }) =>
      voters.length === 0 || 2 * voters.filter((voter) => present.has(voter)).length > voters.length,
  );
  return (
    isQuorum &&
    configurations.some(({ configuration }) => configuration.voters.some((voter) => present.has(voter)))
  );
}
