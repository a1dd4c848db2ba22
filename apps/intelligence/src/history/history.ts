import {
  featuresSchema,
  goalTypes,
  type LearnReply,
  type LearnRequest,
  limits,
  type Outcome,
  type OutcomeReport,
  type OutcomeReportReply,
  outcomeSchema,
} from '@nexus/contracts';
import { type RedisConnection } from '@nexus/platform/redis';
import { z } from 'zod';
import { HistoryKeys } from './history-keys.js';
import { appendReport, appendTold } from './history-scripts.js';
import {
  compareIds,
  keptWorkSchema,
  learnedOutcomeSchema,
  type PastOutcome,
  type PastWork,
  seenOutcomeSchema,
} from './told-outcome.js';

export interface HistoryOptions {
  /** Share of the history that outsiders may tell, 0 to 1, and of that each of them. */
  readonly learnShareMax: number;
  readonly learnUserShareMax: number;
}

export interface HistoryFigures {
  readonly outcomes: number;
  readonly work: number;
  readonly duplicates: number;
  readonly refused: number;
  /** Entries that this process found that cannot be read; they are left out. */
  readonly unreadable: number;
}

/** A report that is told again later than so many others counts as new. */
const reportsMax = 4_096;
const appendedReply = z.tuple([z.int(), z.int()]);
const toldReply = z.enum(['stored', 'duplicate', 'over_quota']);
const wholeSchema = z.object({ ...outcomeSchema.shape, features: z.object(featuresSchema.shape) });
/** Entries that are remembered to be unreadable. */
const unreadableMax = 2 * limits.historyMax;

/**
 * What is learned from: outcomes and work, in Redis streams that hold `limits.historyMax` each. Outcomes that others than
 * coordinators tell have a part of their own, so that no flood of them pushes out what was seen, and no user and no type of goal
 * pushes out the others. Faults are those of the connection.
 */
export class History {
  private readonly keys: HistoryKeys;
  private readonly toldMax: number;
  private readonly userMax: number;
  private readonly unreadable = new Set<string>();

  constructor(
    private readonly redis: RedisConnection,
    { learnShareMax, learnUserShareMax }: HistoryOptions,
  ) {
    this.keys = new HistoryKeys(redis.keys);
    this.toldMax = Math.floor(limits.historyMax * learnShareMax);
    this.userMax = Math.floor(this.toldMax * learnUserShareMax);
  }

  /** Stores a report whole, once: it is safe in Redis when this returns. */
  async append({
    coordinatorId,
    life,
    sequence,
    outcomes,
    work,
  }: OutcomeReport): Promise<OutcomeReportReply> {
    const { keys } = this;
    const [stored, duplicates] = appendedReply.parse(
      await this.redis.script(appendReport, {
        keys: [
          ...[keys.reports, keys.work, keys.index, keys.counters],
          ...goalTypes.flatMap((type) => [keys.outcomes[type], keys.byUser[type], keys.userCounts[type]]),
        ],
        args: [
          ...[`${coordinatorId}/${life}/${sequence}`, reportsMax],
          ...[limits.historyMax - this.toldMax, limits.historyMax, outcomes.length],
          ...outcomes.flatMap((outcome) => [
            ...[goalTypes.indexOf(outcome.type), outcome.type, outcome.user],
            ...[outcome.coordinationId, JSON.stringify(outcome)],
          ]),
          ...work.map((sample) => JSON.stringify(sample)),
        ],
      }),
    );
    return { stored, duplicates };
  }

  /** Stores what a user tells, within the user's quota. */
  async tell(user: string, { coordinationId, ...outcome }: LearnRequest): Promise<LearnReply> {
    const { told, index, users, counters } = this.keys;
    const reason = toldReply.parse(
      await this.redis.script(appendTold, {
        keys: [told, index, users, counters],
        args: [user, coordinationId, JSON.stringify(outcome), this.toldMax, this.userMax],
      }),
    );
    return { accepted: reason === 'stored', reason };
  }

  /** The outcome that coordinators saw under an id; undefined when it is not there any more. */
  async find(coordinationId: string): Promise<Outcome | undefined> {
    const place = await this.redis.run((redis) => redis.hget(this.keys.index, `c/${coordinationId}`));
    const [type, id] = (place ?? '').split(' ');
    const stream = Object.entries(this.keys.outcomes).find(([name]) => name === type)?.[1];
    if (id === undefined || stream === undefined) return undefined;
    const [entry] = await this.redis.run((redis) => redis.xrange(stream, id, id));
    return entry && this.readable(stream, [entry], wholeOutcome)[0];
  }

  /** The latest outcomes, so many of each type and of what was told, in the order of time. */
  async latestOutcomes(count: number = limits.historyMax): Promise<PastOutcome[]> {
    const streams = streamsOf(this.keys);
    const [told, ...seen] = await this.redis.run((redis) =>
      Promise.all([this.keys.told, ...streams].map((key) => redis.xrevrange(key, '+', '-', 'COUNT', count))),
    );
    return [
      ...seen.flatMap((entries, at) => this.readable(streams[at]!, entries, seenOutcome)),
      ...this.readable(this.keys.told, told ?? [], toldOutcome),
    ].sort((left, right) => compareIds(left.id, right.id));
  }

  /** The latest samples of work, in the order of time; of the last `withinMs` alone where that is told. */
  async latestWork(withinMs?: number): Promise<PastWork[]> {
    const from = withinMs === undefined ? '-' : String(Math.max(0, (await this.nowMs()) - withinMs));
    const entries = await this.redis.run((redis) =>
      redis.xrevrange(this.keys.work, '+', from, 'COUNT', limits.historyMax),
    );
    return this.readable(this.keys.work, entries, pastWork).reverse();
  }

  /** The time by which entries are numbered, in milliseconds since 1970. */
  async nowMs(): Promise<number> {
    const [seconds, micros] = await this.redis.run((redis) => redis.time());
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  }

  async figures(): Promise<HistoryFigures> {
    const { told, work, counters } = this.keys;
    const [byOthers, samples, [duplicates, refused], ...seen] = await this.redis.run((redis) =>
      Promise.all([
        redis.xlen(told),
        redis.xlen(work),
        redis.hmget(counters, 'duplicates', 'refused'),
        ...streamsOf(this.keys).map((stream) => redis.xlen(stream)),
      ]),
    );
    return {
      outcomes: seen.reduce((sum, size) => sum + size, byOthers),
      work: samples,
      duplicates: Number(duplicates ?? 0),
      refused: Number(refused ?? 0),
      unreadable: this.unreadable.size,
    };
  }

  /** One that cannot be read is no reason to read none. */
  private readable<T>(stream: string, entries: readonly Entry[], read: (entry: Entry) => T): T[] {
    return entries.flatMap((entry) => {
      try {
        return [read(entry)];
      } catch {
        if (this.unreadable.size < unreadableMax) this.unreadable.add(`${stream}/${entry[0]}`);
        return [];
      }
    });
  }
}

type Entry = readonly [id: string, fields: readonly string[]];

const streamsOf = ({ outcomes }: HistoryKeys): string[] => goalTypes.map((type) => outcomes[type]);

function fieldOf(fields: readonly string[], name: string): string {
  return fields[fields.indexOf(name) + 1] ?? '';
}

const pastWork = ([id, fields]: Entry): PastWork => ({
  ...keptWorkSchema.parse(JSON.parse(fieldOf(fields, 'w'))),
  id,
});

const wholeOutcome = ([, fields]: Entry): Outcome => wholeSchema.parse(JSON.parse(fieldOf(fields, 'o')));

function seenOutcome([id, fields]: Entry): PastOutcome {
  const outcome = seenOutcomeSchema.parse(JSON.parse(fieldOf(fields, 'o')));
  const { user, choosing, ...learned } = outcome;
  return { ...learned, id, source: `c/${user}`, explored: choosing?.reason === 'explored' };
}

function toldOutcome([id, fields]: Entry): PastOutcome {
  const outcome = learnedOutcomeSchema.parse(JSON.parse(fieldOf(fields, 'o')));
  return { ...outcome, id, propensity: 1, explored: false, source: `u/${fieldOf(fields, 'u')}`, traceId: '' };
}
