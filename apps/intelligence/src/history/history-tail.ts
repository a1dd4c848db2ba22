import { Logger } from '@nestjs/common';
import { outcomeSchema, workSampleSchema } from '@nexus/contracts';
import { type RedisConnection } from '@nexus/platform/redis';
import { type z } from 'zod';
import { HistoryKeys } from './history-keys.js';
import { isLater, timeOf } from './told-outcome.js';

const logger = new Logger('HistoryTail');

const seenOutcomeSchema = outcomeSchema
  .pick({
    ...{ type: true, choice: true, features: true, durationMs: true, success: true },
    ...{ user: true, layer: true },
  })
  .strip();
const seenWorkSchema = workSampleSchema
  .pick({ agentId: true, features: true, latencyMs: true, ok: true })
  .strip();

interface At {
  /** When it was stored, in milliseconds since 1970. */
  readonly atMs: number;
}
/** A coordination, as a coordinator saw it. */
export type SeenOutcome = z.infer<typeof seenOutcomeSchema> & At;
/** A piece of work, as a coordinator saw it. */
export type SeenWork = z.infer<typeof seenWorkSchema> & At;

export interface Tail {
  readonly nowMs: number;
  readonly work: readonly SeenWork[];
  readonly outcomes: readonly SeenOutcome[];
}

/** Pieces of work that are held, and coordinations of each type. */
const workMax = 10_000;
const outcomesMax = 1_000;

/**
 * What coordinators saw of late, in the order of time; what others told is not among it. It is held in memory and each read
 * fetches and parses only what is new. Faults are those of the connection.
 */
export class HistoryTail {
  private readonly work: StreamTail<z.infer<typeof seenWorkSchema>>;
  /** One of each type. */
  private readonly outcomes: readonly StreamTail<z.infer<typeof seenOutcomeSchema>>[];

  constructor(private readonly redis: RedisConnection) {
    const keys = new HistoryKeys(redis.keys);
    this.work = new StreamTail(redis, { key: keys.work, field: 'w', max: workMax, schema: seenWorkSchema });
    const each = { field: 'o', max: outcomesMax, schema: seenOutcomeSchema };
    this.outcomes = Object.values(keys.outcomes).map((key) => new StreamTail(redis, { ...each, key }));
  }

  /** What was stored within so many milliseconds before now. */
  async read(within: { readonly workMs: number; readonly outcomesMs: number }): Promise<Tail> {
    const [seconds, micros] = await this.redis.run((redis) => redis.time());
    const nowMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
    const [work, ...outcomes] = await Promise.all([
      this.work.read(nowMs, within.workMs),
      ...this.outcomes.map((ofType) => ofType.read(nowMs, within.outcomesMs)),
    ]);
    return { nowMs, work, outcomes: outcomes.flat().sort((one, other) => one.atMs - other.atMs) };
  }
}

interface StreamTailOptions<T> {
  readonly key: string;
  readonly field: string;
  readonly max: number;
  readonly schema: z.ZodType<T>;
}

class StreamTail<T> {
  private lastId = '';
  private kept: readonly (T & At)[] = [];
  private hasWarned = false;

  constructor(
    private readonly redis: RedisConnection,
    private readonly options: StreamTailOptions<T>,
  ) {}

  async read(nowMs: number, withinMs: number): Promise<readonly (T & At)[]> {
    const { key, max } = this.options;
    const fromMs = Math.max(0, nowMs - withinMs);
    // A clock that went back began another stream: what is held is of the one before.
    if (this.lastId !== '' && timeOf(this.lastId) > nowMs + clockSlackMs) this.forget();
    const isKnown = this.lastId !== '' && timeOf(this.lastId) >= fromMs;
    const from = isKnown ? `(${this.lastId}` : String(fromMs);
    const entries = await this.redis.run((redis) => redis.xrevrange(key, '+', from, 'COUNT', max));
    // Another read may have come first.
    const news = entries.reverse().filter(([id]) => isLater(id, this.lastId));
    this.lastId = news.at(-1)?.[0] ?? this.lastId;
    const all = [...this.kept, ...news.flatMap(([id, fields]) => this.parsed(id, fields))];
    this.kept = all.filter(({ atMs }) => atMs >= fromMs).slice(-max);
    return this.kept;
  }

  private forget(): void {
    this.lastId = '';
    this.kept = [];
  }

  /** What another version of Nexus wrote, and this one cannot read, is left out. */
  private parsed(id: string, fields: readonly string[]): (T & At)[] {
    const { field, schema } = this.options;
    const text = fields[fields.indexOf(field) + 1] ?? '';
    const { data, error } = schema.safeParse(jsonIn(text));
    if (error === undefined) return [{ ...data, atMs: timeOf(id) }];
    if (!this.hasWarned) logger.warn(`${this.options.key} holds what cannot be read, and is left out`);
    this.hasWarned = true;
    return [];
  }
}

const clockSlackMs = 1_000;

/** Undefined for what is no JSON. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
