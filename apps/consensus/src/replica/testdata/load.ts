import { type Outcome } from '@nexus/core/replicated-state';
import { type ReadReply } from '@nexus/contracts';
import { hold, SeededRandom } from '@nexus/testing';
import { type NotRecorded, type Submission, type Submitted } from '../submission.js';
import { type SimulatedMember, type Surroundings } from './simulated-member.js';
import { nameOf } from './work.js';

const keys = ['k.1', 'k.2', 'k.3', 'k.4'];
const sessions = ['s.1', 's.2'];
const retryMs = 15;

/** Asks the members for all that a group is for, and judges what they answer. */
export class Load {
  readonly keys: readonly string[] = [...keys, ...sessions];
  private readonly random: SeededRandom;
  private named = 0;
  private isOver = false;
  /** Requests that are repeated until they are known to be applied. */
  private insisting = 0;
  /** Whatever is asked from now on is to show at least this. */
  private knownIndex = 0;
  private reading = 0;

  constructor(
    private readonly world: Surroundings,
    private readonly members: readonly SimulatedMember[],
  ) {
    this.random = new SeededRandom(world.scenario.seed).fork('load');
    this.again(3, 10, () => this.putOnce());
    this.again(2, 12, () => this.read());
    this.again(100, 300, () => this.lease());
    for (const clientId of sessions) this.converse(clientId, 1);
  }

  /** No more is begun, save what is insisted on. */
  stop(): void {
    this.isOver = true;
  }

  get isSettled(): boolean {
    return this.insisting === 0 && this.reading === 0;
  }

  burst(): void {
    for (let n = 0; n < this.world.scenario.burst; n += 1) this.putOnce();
  }

  /** A request that must come to its end. */
  insist(submission: Submission, done: (outcome: Outcome) => void = () => undefined): void {
    this.insisting += 1;
    const retry = () => this.world.timeline.after(retryMs, attempt);
    const attempt = () => {
      const member = this.target();
      // A process that has ended before it heard of it is asked in vain.
      if (!member.isRunning) {
        retry();
        return;
      }
      this.submit(member, submission, (submitted) => {
        if (submitted.kind !== 'applied') {
          retry();
          return;
        }
        this.insisting -= 1;
        done(submitted.outcome);
      });
    };
    attempt();
  }

  private again(minMs: number, maxMs: number, work: () => void): void {
    this.world.timeline.after(this.random.between(minMs, maxMs), () => {
      if (this.isOver) return;
      work();
      this.again(minMs, maxMs, work);
    });
  }

  private target(): SimulatedMember {
    const leading = this.members.filter(({ replica }) => replica?.leads === true);
    return this.random.pick(leading.length > 0 && this.random.chance(0.9) ? leading : this.members);
  }

  private newName(): string {
    return `w.${(this.named += 1)}`;
  }

  private putOnce(): void {
    const value = this.newName();
    const member = this.target();
    const submission = { command: { type: 'put', key: this.random.pick(keys), value } } as const;
    member.post(() => {
      this.submit(member, submission, ({ kind }) => {
        if (kind === 'unknown') this.judgeUnknown(member, value);
      });
    });
  }

  private lease(): void {
    const command = { type: 'lease.acquire', resource: 'r', owner: this.newName(), ttlMs: 50 } as const;
    this.insist({ command, requestId: command.owner });
  }

  /** Compare-and-set after compare-and-set, of which each is repeated until its outcome is known. */
  private converse(clientId: string, seq: number, expectedVersion = 0): void {
    const session = { clientId, seq, settledBelow: seq, openedAtIndex: 0 };
    const command = { type: 'put', key: clientId, value: this.newName(), expectedVersion } as const;
    this.insist({ session, command }, (outcome) => {
      hold(
        outcome.kind === 'done',
        'a compare-and-set that nobody else disturbs succeeds',
        () => `${clientId}, ${seq}: ${JSON.stringify(outcome)}`,
      );
      if (this.isOver) return;
      this.world.timeline.after(this.random.between(0, 30), () =>
        this.converse(clientId, seq + 1, outcome.version),
      );
    });
  }

  private submit(
    member: SimulatedMember,
    submission: Submission,
    told: (submitted: Submitted) => void,
  ): void {
    const { replica } = member;
    if (replica === undefined) {
      told({ kind: 'unknown' });
      return;
    }
    const { ledger, journal, coverage } = this.world;
    const answered = ledger.ask(submission);
    const settled = member.await();
    const answer = (submitted: Submitted) => {
      answered(submitted);
      settled();
      coverage.count(
        `proposal: ${submitted.kind}${submitted.kind === 'refused' ? ` ${submitted.reason}` : ''}`,
      );
      if (submitted.kind === 'applied') {
        member.learn();
        journal.confirm(nameOf(submission.command)!, submitted.outcome);
        this.knownIndex = Math.max(this.knownIndex, submitted.outcome.index);
      }
      told(submitted);
    };
    replica.submit(submission, (submitted) => this.judge(() => answer(submitted)));
  }

  /** Within a replica a broken promise would look like a mistake of its own. */
  private judge(judgement: () => void): void {
    try {
      judgement();
    } catch (error) {
      this.world.broken(error as Error);
    }
  }

  /** Who lives, and holds the log in which it is committed, knows better. */
  private judgeUnknown(member: SimulatedMember, name: string): void {
    const { replica } = member;
    if (replica === undefined || !member.isRunning || member.hasFailed) return;
    const index = member.committedIndexOf(name);
    hold(
      index === undefined,
      'nothing is called unknown that is known to be committed',
      () => `${name}, committed at ${index} of ${member.id}, where ${replica.appliedIndex} are applied`,
    );
  }

  private read(): void {
    const member = this.target();
    const key = this.random.pick(this.keys);
    member.post((replica) => {
      // What others were told, and what this replica itself knows to be committed.
      const knownIndex = Math.max(this.knownIndex, replica.status().commit);
      let isAnswered = false;
      this.reading += 1;
      const judge = (reading: ReadReply | NotRecorded) => {
        hold(!isAnswered, 'a read is answered once', () => `${key}, again: ${JSON.stringify(reading)}`);
        isAnswered = true;
        this.reading -= 1;
        this.world.coverage.count('kind' in reading ? 'read: refused' : 'read: answered');
        if ('kind' in reading) return;
        hold(
          reading.index >= knownIndex,
          'a read shows all that was known before it was asked (R16)',
          () => `${member.id} read ${JSON.stringify(reading)}, and ${knownIndex} was known`,
        );
        member.learn();
        this.world.journal.confirmReading(reading);
        this.knownIndex = Math.max(this.knownIndex, reading.index);
      };
      replica.read({ key }, (reading) => this.judge(() => judge(reading)));
    });
  }
}
