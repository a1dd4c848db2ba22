import { Logger } from '@nestjs/common';
import {
  goalTypes,
  type IntelligenceSnapshot,
  latencyModelSchema,
  type LatencyModelSnapshot,
} from '@nexus/contracts';
import { type RedisConnection } from '@nexus/platform/redis';
import { ulid } from 'ulid';
import { z } from 'zod';
import { ordersOf } from '../watch/orders.js';
import { blankWatch, readWatchState, type WatchState, writeWatchState } from '../watch/watch-state.js';
import { commitModel, noteDrift, readInUse, replaceField, switchModel } from './registry-scripts.js';
import { type StoredModel, storedModelSchema } from './stored-model.js';

export type GoalType = (typeof goalTypes)[number];

/** All that is in use, of one moment. */
export interface InUse {
  /** Another one when Redis has lost all. */
  readonly epoch: string;
  readonly revision: number;
  /** When it was read: by Redis, in milliseconds since 1970, and by what never goes back here. */
  readonly readAt: { readonly nowMs: number; readonly steadyMs: number };
  readonly champions: ReadonlyMap<GoalType, StoredModel>;
  /** The version in use of each type, empty for none; also where it cannot be read. */
  readonly championVersions: Readonly<Record<string, string>>;
  readonly latency: LatencyModelSnapshot | null;
  readonly watch: WatchState;
  /** As it is stored, for who replaces it. */
  readonly watchText: string;
  readonly latencyText: string;
  /** Undefined before the first training. */
  readonly lastTrainedAt: string | undefined;
  /** By type, as ids of the history: a drift that is not learned from, one that was, and the last rollback by hand. */
  readonly drifted: ReadonlyMap<GoalType, string>;
  readonly learnedFrom: ReadonlyMap<GoalType, string>;
  readonly rolledBack: ReadonlyMap<GoalType, string>;
  /** The last version of each type. */
  readonly versions: Readonly<Record<string, number>>;
}

/** `known`: the same outcomes were trained on before. `conflict`: something was put in use meanwhile; look again. */
export interface Committed {
  readonly kind: 'committed' | 'known' | 'conflict';
  readonly revision: number;
}

export interface ModelCommit {
  readonly type: GoalType;
  /** The latest outcome that was learned from. */
  readonly trainedTo: string;
  readonly record: StoredModel;
  readonly isPromoted: boolean;
  /** The one in use when this was trained, and as it is from now on. */
  readonly champion: { readonly version: string; readonly record: StoredModel | undefined };
  /** The drift that it was learned from after, and the rollback that was heeded; empty for none. */
  readonly drift: string;
  readonly rolledBackAt: string;
  /** The former one that is in use from now on, where this one is not. */
  readonly back: StoredModel | undefined;
}

/** Versions of a type that are kept. */
export const versionsMax = 50;

const inUseReply = z.tuple([z.array(z.string()), z.array(z.string()), z.array(z.string())]);
const committedReply = z.tuple([z.enum(['committed', 'known', 'conflict']), z.int()]);

/** The models with their versions, what is in use, and what is held against whom, in Redis. Faults are those of the connection. */
export class Registry {
  private readonly state: string;
  private readonly logger = new Logger('Registry');
  /** Of each field that cannot be read, what was told of it. */
  private readonly unreadable = new Map<string, string>();

  constructor(private readonly redis: RedisConnection) {
    this.state = redis.keys.of('intelligence', 'state');
  }

  async read(): Promise<InUse> {
    const keys = [this.state, ...goalTypes.map((type) => this.versionsKey(type))];
    const args = [ulid(), ...goalTypes];
    const [flat, texts, [seconds, micros]] = inUseReply.parse(
      await this.redis.script(readInUse, { keys, args }),
    );
    const fields = new Map<string, string>();
    for (let at = 0; at < flat.length; at += 2) fields.set(flat[at]!, flat[at + 1]!);
    const latencyText = fields.get('latency') ?? '';
    const watchText = fields.get('watch') ?? '';
    return {
      epoch: fields.get('epoch') ?? '',
      revision: Number(fields.get('revision') ?? 0),
      readAt: { nowMs: Number(seconds) * 1_000 + Number(micros) / 1_000, steadyMs: performance.now() },
      champions: new Map(
        goalTypes.flatMap((type, at) => {
          const model = this.readOf(`model of ${type}`, texts[at], modelOf);
          return model ? [[type, model] as const] : [];
        }),
      ),
      championVersions: Object.fromEntries(
        goalTypes.map((type) => [type, fields.get(`champion_${type}`) ?? '']),
      ),
      latency: this.readOf('latency', latencyText, latencyOf) ?? null,
      watch: this.readOf('watch', watchText, readWatchState) ?? blankWatch,
      ...{ watchText, latencyText },
      lastTrainedAt: fields.get('last_trained_at'),
      drifted: byType(fields, 'drifted_'),
      learnedFrom: byType(fields, 'learned_from_'),
      rolledBack: byType(fields, 'rolled_back_'),
      versions: Object.fromEntries(
        goalTypes.map((type) => [type, Number(fields.get(`version_${type}`) ?? 0)]),
      ),
    };
  }

  /** All versions that are kept of a type, the newest first. */
  async versionsOf(type: GoalType): Promise<StoredModel[]> {
    const texts = await this.redis.run((redis) => redis.hvals(this.versionsKey(type)));
    const models = texts.flatMap((text) => this.readOf(`versions of ${type}`, text, modelOf) ?? []);
    return models.sort((left, right) => right.model.version - left.model.version);
  }

  async commit(commit: ModelCommit): Promise<Committed> {
    const { type, trainedTo, record, isPromoted, champion, drift, rolledBackAt, back } = commit;
    return this.committed(
      commitModel,
      [this.state, this.versionsKey(type)],
      [
        ...[type, trainedTo, record.model.version, champion.version],
        ...[JSON.stringify(record), isPromoted ? 1 : 0],
        ...[champion.record ? JSON.stringify(champion.record) : '', versionsMax],
        ...[drift, rolledBackAt, back?.model.version ?? '', back ? JSON.stringify(back) : ''],
      ],
    );
  }

  /** Puts `to` in use where `from` was, by hand; each with its record from now on. */
  async switch(
    type: GoalType,
    from: StoredModel | undefined,
    to: StoredModel | undefined,
  ): Promise<Committed> {
    return this.committed(
      switchModel,
      [this.state, this.versionsKey(type)],
      [
        ...[type, from?.model.version ?? '', from ? JSON.stringify(from) : ''],
        ...[to?.model.version ?? '', to ? JSON.stringify(to) : ''],
      ],
    );
  }

  async commitLatency(before: string, latency: LatencyModelSnapshot): Promise<Committed> {
    return this.committed(replaceField, [this.state], ['latency', before, JSON.stringify(latency), 1]);
  }

  /** @param isNews whether coordinators must hear of it */
  async commitWatch(before: string, watch: WatchState, isNews: boolean): Promise<Committed> {
    return this.committed(
      replaceField,
      [this.state],
      ['watch', before, writeWatchState(watch), isNews ? 1 : 0],
    );
  }

  async noteTrained(at: string): Promise<void> {
    await this.redis.run((redis) => redis.hset(this.state, 'last_trained_at', at));
  }

  async noteDrift(type: GoalType): Promise<void> {
    await this.redis.script(noteDrift, { keys: [this.state], args: [type] });
  }

  /** What cannot be read counts as absent, and is told once: all else is served. */
  private readOf<T>(what: string, text: string | undefined, read: (text: string) => T): T | undefined {
    if (!text) return undefined;
    try {
      return read(text);
    } catch (error) {
      if (this.unreadable.get(what) !== text) this.logger.error({ what, error }, 'cannot be read: left out');
      this.unreadable.set(what, text);
      return undefined;
    }
  }

  private async committed(
    script: typeof commitModel,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<Committed> {
    const [kind, revision] = committedReply.parse(await this.redis.script(script, { keys, args }));
    return { kind, revision };
  }

  private versionsKey(type: GoalType): string {
    return this.redis.keys.of('intelligence', 'models', type);
  }
}

/** What is not an id, as of an older version, is as old as all. */
const byType = (fields: ReadonlyMap<string, string>, prefix: string): ReadonlyMap<GoalType, string> =>
  new Map(
    goalTypes.flatMap((type) => {
      const id = fields.get(`${prefix}${type}`);
      return id === undefined ? [] : [[type, id.includes('-') ? id : '0-0'] as const];
    }),
  );

const latencyOf = (text: string): LatencyModelSnapshot => latencyModelSchema.parse(JSON.parse(text));

const modelOf = (text: string): StoredModel => storedModelSchema.parse(JSON.parse(text));

/** The time by Redis, in milliseconds since 1970. */
export const nowBy = ({ readAt: { nowMs, steadyMs } }: InUse): number => nowMs + performance.now() - steadyMs;

/** What coordinators hold of it, as of now. */
export const snapshotOf = (inUse: InUse): IntelligenceSnapshot => {
  const { epoch, revision, champions, latency, watch } = inUse;
  return {
    epoch,
    revision,
    strategies: [...champions.values()].map(({ model }) => model),
    latency,
    ...ordersOf(watch, nowBy(inUse)),
  };
};
