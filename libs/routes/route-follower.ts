import {
  NexusError,
  parse,
  type Route,
  type RoutesBeacon,
  routesBeaconSchema,
  subjectOf,
} from '@nexus/contracts';
import { type Position, type Route as TableRow, type RouteDelta, RouteTable } from '@nexus/core/route-table';
import { type Connection, decodeBody, firstEvent } from '@nexus/wire';
import { DeltaBuffer } from './delta-buffer.js';
import { type LoadSnapshot } from './load-snapshot.js';
import { ReloadLoop } from './reload-loop.js';
import { removedBetween } from './removed-between.js';
import { type RouteFeed } from './route-feed.js';

export type RemovalReason = 'left' | 'gone';
export type AgentGoneListener = (agentId: string, reason: RemovalReason) => void;
/** @param agentId the row that was changed, added or removed; undefined when all may have changed */
export type RowListener = (agentId: string | undefined) => void;

export interface RouteFollowerOptions<R extends TableRow = Route> {
  readonly connection: Connection;
  /** First token of every subject. */
  readonly prefix: string;
  /** The form of the table that is followed. */
  readonly feed: RouteFeed<R>;
  /** Where the table comes from at the start and after a loss. */
  readonly load: LoadSnapshot<R>;
  /** Counts what could not be read. */
  readonly drops: { malformedInternal: number };
}

/** How long a missing delta, or one that a beacon tells of, may still be on its way. */
const patienceMs = 200;
/** How long the table that lacks a change is worth waiting for, in milliseconds; then it serves as it is. */
const lackPatienceMs = 1_000;
/** Deltas kept while a snapshot loads; beyond that the snapshot is loaded once more. */
const bufferedMax = 10_000;

/**
 * Keeps a route table in memory equal to the routing service's. Deltas are applied in the turn in which they arrive,
 * so that whoever learned of a change by a reply finds it here: its delta was published before the reply. Whatever is
 * lost on the way (a gap, an outage, a wiped store) shows in the numbers, and the whole table is loaded again, while
 * the old one goes on serving.
 */
export class RouteFollower<R extends TableRow = Route> {
  readonly table = new RouteTable<R>();
  private readonly buffer = new DeltaBuffer<R>(bufferedMax);
  private readonly reloads: ReloadLoop;
  private readonly subscriptions: { unsubscribe(): void }[];
  private readonly goneListeners = new Set<AgentGoneListener>();
  private readonly changeListeners = new Set<() => void>();
  private readonly rowListeners = new Set<RowListener>();
  private readonly unlisten: () => void;
  private confirmedAt = -Infinity;
  /** Where the table stands by what we heard last, when that is further than we are. */
  private ahead: Position | undefined;
  private patience: NodeJS.Timeout | undefined;
  /** Since when a change is known of that the table does not have; undefined while there is none. */
  private lackingSince: number | undefined;

  /** Subscribes and starts loading at once. */
  constructor(private readonly options: RouteFollowerOptions<R>) {
    const { connection, prefix, feed } = options;
    this.reloads = new ReloadLoop(() => this.loadOnce());
    const follow = (template: string, receive: (body: unknown) => void) =>
      connection.subscribe(subjectOf(prefix, template, {}), ({ data }) => {
        try {
          receive(decodeBody(data));
        } catch {
          options.drops.malformedInternal += 1;
        }
      });
    this.subscriptions = [
      follow(feed.delta, (body) => this.onDelta(feed.readDelta(body))),
      follow(feed.beacon, (body) => this.onBeacon(parse(routesBeaconSchema, body, 'beacon'))),
    ];
    this.unlisten = connection.on((event) => {
      if (event === 'reconnected') this.reloads.requestNow();
    });
    this.reloads.request();
  }

  /** Whether a table was ever loaded; it then serves for good, however old. */
  get ready(): boolean {
    return this.table.position !== undefined;
  }

  /**
   * Resolves once a table was loaded.
   * @throws NexusError `unavailable` when that takes longer than `withinMs`, with what the last attempt failed with
   */
  async whenReady(withinMs: number): Promise<void> {
    if (this.ready) return;
    await firstEvent({
      listen: ({ resolve }) => this.onChanged(resolve),
      withinMs,
      late: () => notLoaded(this.reloads.failure),
    });
  }

  /** Whether a table is here, and nothing is known that it lacks. */
  get isWhole(): boolean {
    return this.ready && this.lackingSince === undefined;
  }

  /**
   * Resolves once the table has every change that was heard of, or as soon as waiting longer would not help: after
   * `withinMs`, or a second after the loss began to show. Nearly always there is nothing to wait for.
   */
  async whenWhole(withinMs: number): Promise<void> {
    if (this.lackingSince === undefined) return;
    const leftMs = Math.min(withinMs, this.lackingSince + lackPatienceMs - performance.now());
    if (leftMs <= 0) return;
    await firstEvent({
      listen: ({ resolve }) =>
        this.onChanged(() => {
          if (this.lackingSince === undefined) resolve();
        }),
      withinMs: leftMs,
      late: () => new NexusError('unavailable', 'the route table lacks a change'),
    }).catch(() => undefined);
  }

  /** Time since the table was last known to be the newest, in milliseconds; infinite before the first load. */
  confirmedAgeMs(): number {
    return performance.now() - this.confirmedAt;
  }

  /** Calls `listener` for each agent that is removed from the table; returns how to stop. It must not throw. */
  onAgentGone(listener: AgentGoneListener): () => void {
    this.goneListeners.add(listener);
    return () => this.goneListeners.delete(listener);
  }

  /** Calls `listener` after each change of the table; returns how to stop. It must not throw. */
  onChanged(listener: () => void): () => void {
    this.changeListeners.add(listener);
    return () => this.changeListeners.delete(listener);
  }

  /**
   * Calls `listener` for each row that changes, in order, before the listeners of `onChanged` and `onAgentGone`; returns
   * how to stop. It must not throw.
   */
  onRow(listener: RowListener): () => void {
    this.rowListeners.add(listener);
    return () => this.rowListeners.delete(listener);
  }

  /**
   * Loads the table anew, without waiting for a loss to show; resolves once that is done.
   * @throws NexusError what the attempt failed with; further attempts follow by themselves
   */
  reload(): Promise<void> {
    return this.reloads.now();
  }

  /** Stops following; the table stays as it is. */
  stop(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.unlisten();
    this.reloads.stop();
    clearTimeout(this.patience);
    this.buffer.clear();
  }

  private onDelta(delta: RouteDelta<R>): void {
    if (this.apply(delta)) {
      this.catchUp();
      this.changed();
    }
  }

  /** @returns whether the table changed; a delta that came too early is kept */
  private apply(delta: RouteDelta<R>): boolean {
    const { change } = delta;
    const removed = change.kind === 'remove' && this.table.get(change.agentId) !== undefined;
    const { kind } = this.table.apply(delta);
    if (kind === 'applied') this.rowChanged(agentIdOf(delta));
    if (kind === 'applied' && removed && !this.table.get(change.agentId)) {
      this.gone([change.agentId], change.reason);
    }
    // A snapshot that is on its way may be older than this delta, and will need it again.
    if (kind !== 'duplicate' && (kind !== 'applied' || this.reloads.busy)) this.buffer.add(delta);
    if (kind === 'gap' || kind === 'other_epoch') this.expect(delta);
    return kind === 'applied';
  }

  /** Applies what waited for the delta that has just come. */
  private catchUp(): void {
    for (let at = this.table.position; at && this.buffer.size > 0; at = this.table.position) {
      const next = this.buffer.take(at.epoch, at.version + 1);
      if (!next) break;
      this.apply(next);
    }
    this.confirm();
  }

  private onBeacon(beacon: RoutesBeacon): void {
    const at = this.table.position;
    if (at?.epoch === beacon.epoch && at.version >= beacon.version) this.confirm();
    else this.expect(beacon);
  }

  /** Notes that we are up to date, unless we know better. */
  private confirm(): void {
    const at = this.table.position;
    if (this.ahead && at?.epoch === this.ahead.epoch && at.version >= this.ahead.version) {
      this.ahead = undefined;
      this.lackingSince = undefined;
      clearTimeout(this.patience);
      this.patience = undefined;
    }
    if (!this.ahead) this.confirmedAt = performance.now();
  }

  /** The table is further than ours: at once to be loaded when it is another one, after a moment when deltas lack. */
  private expect({ epoch, version }: Position): void {
    if (this.ahead?.epoch !== epoch || this.ahead.version < version) this.ahead = { epoch, version };
    this.lackingSince ??= performance.now();
    if (this.table.position?.epoch !== epoch) this.reloadUnlessLoading();
    else {
      this.patience ??= setTimeout(() => {
        this.patience = undefined;
        if (this.ahead) this.reloadUnlessLoading();
      }, patienceMs);
    }
  }

  /** A load under way looks at its end at what it missed. */
  private reloadUnlessLoading(): void {
    if (!this.reloads.busy) this.reloads.request();
  }

  private async loadOnce(): Promise<void> {
    // The server must know our subscription before the snapshot is taken, or a delta could fall in between.
    await this.options.connection.flush();
    const snapshot = await this.options.load(this.table);
    const gone = removedBetween(this.table, snapshot.routes);
    this.table.load(snapshot);
    // However old it turns out to be, the snapshot was the newest there was a moment ago.
    this.confirmedAt = performance.now();
    this.rowChanged(undefined);
    this.settle();
    this.gone(gone, 'gone');
    this.changed();
  }

  /**
   * Makes the deltas that came while loading count. What was heard and is not reached even so may have been the last
   * words of an old table, or of one that a lagging holder does not have yet: one more load, and the next beacon, tell
   * which.
   */
  private settle(): void {
    const { overflowed } = this.buffer;
    this.catchUp();
    const at = this.table.position;
    if (at) this.buffer.forgetUpTo(at.epoch, at.version);
    if (overflowed) this.buffer.clear();
    if (overflowed || this.ahead) this.reloads.requestSoon();
    else this.lackingSince = undefined;
    this.ahead = undefined;
  }

  private gone(agentIds: readonly string[], reason: RemovalReason): void {
    for (const agentId of agentIds) for (const listener of this.goneListeners) listener(agentId, reason);
  }

  private rowChanged(agentId: string | undefined): void {
    for (const listener of this.rowListeners) listener(agentId);
  }

  private changed(): void {
    for (const listener of this.changeListeners) listener();
  }
}

const agentIdOf = <R extends TableRow>({ change }: RouteDelta<R>): string =>
  change.kind === 'upsert' ? change.route.agentId : change.agentId;

function notLoaded(cause: NexusError | undefined): NexusError {
  const why = cause ? `: ${cause.message}` : '';
  return new NexusError('unavailable', `the route table is not loaded yet${why}`, {
    retryAfterMs: 1_000,
    cause,
  });
}
