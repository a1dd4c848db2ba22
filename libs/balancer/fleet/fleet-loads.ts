import {
  LoadTable,
  type LoadTableOptions,
  noAgent,
  type Outcome,
  RecentTargetSets,
  type ReportedLoad,
  type TargetSet,
  targetSetKey,
  type Ticket,
} from '@nexus/core/balancing';
import { type Route } from '@nexus/core/route-table';
import { Absences } from './absences.js';
import { type RouteSource } from './route-source.js';
import { Selection } from './selection.js';
import { type WorkWatch } from './work-watch.js';

export interface FleetLoadsOptions {
  readonly routes: RouteSource;
  /** Work that an agent is given at once that declared no `maxConcurrency`. */
  readonly agentWindow: number;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  readonly table?: LoadTableOptions;
  /** Told of some of the work, to learn from it. */
  readonly watch?: WorkWatch | undefined;
}

/** How a piece of work ended. */
export interface Ending {
  readonly ticket: Ticket;
  readonly outcome: Outcome;
  /** Since it went out, measured here. */
  readonly latencyMs: number;
  /** Of a refusal: when the agent wants to be asked again. */
  readonly retryAfterMs?: number | undefined;
  /** What the agent said of itself beside its answer. */
  readonly load?: ReportedLoad | undefined;
}

/** Selections kept; beyond this the one that was used longest ago is let go of. */
const selectionsMax = 256;

/**
 * What is known of the load of each agent of the route table, and the sets of agents that work is shared out over; both
 * follow the table change by change.
 */
export class FleetLoads {
  readonly table: LoadTable;
  private readonly selections = new RecentTargetSets<Selection>(selectionsMax, (oldest) =>
    this.letGoOf(oldest),
  );
  /** Selections that are kept for as long as somebody uses them, and no longer. */
  private readonly detached = new Set<Selection>();
  private readonly away = new Absences((agentId) => this.retry(agentId));
  private readonly listeners = new Set<() => void>();
  private readonly awayListeners = new Set<(agentId: string) => void>();
  /** Agents at which more or less is in flight than was told last. */
  private readonly changed = new Set<string>();
  /** What other coordinators have in flight, also at agents that are not registered here yet. */
  private readonly elsewhere = new Map<string, number>();
  /** Share of its weight that an agent on probation gets, also of those that are not registered here yet. */
  private probation: ReadonlyMap<string, number> = new Map();
  private readonly stops: readonly (() => void)[];
  private agentWindow: number;

  /** Who learns from the work, if anybody does. */
  readonly watch: WorkWatch | undefined;

  constructor(private readonly options: FleetLoadsOptions) {
    this.watch = options.watch;
    this.agentWindow = options.agentWindow;
    this.table = new LoadTable(options.table);
    this.stops = [options.routes.onRow((agentId) => this.follow(agentId))];
    this.reload();
  }

  /** The agents that a set of targets means, from now on; to be given back by `release`. */
  select(targets: TargetSet): Selection {
    const selection = targets.kind === 'ids' ? this.passing(targets) : this.lasting(targets);
    selection.users += 1;
    return selection;
  }

  release(selection: Selection): void {
    selection.users -= 1;
    if (selection.users === 0 && this.detached.delete(selection)) selection.close();
  }

  /** From now on an agent that declared no `maxConcurrency` is given so much work at once. */
  setAgentWindow(agentWindow: number): void {
    if (agentWindow === this.agentWindow) return;
    this.agentWindow = agentWindow;
    for (const route of this.options.routes.table.all()) {
      if (this.table.slotOf(route.agentId) !== noAgent) this.enter(route);
    }
  }

  /**
   * From now on these agents are on probation, and no others.
   * @param shares of its weight that each of them gets, 0 to 1
   */
  setProbation(shares: ReadonlyMap<string, number>): void {
    for (const agentId of this.probation.keys()) if (!shares.has(agentId)) this.putOnProbation(agentId, 1);
    this.probation = new Map(shares);
    for (const [agentId, share] of shares) this.putOnProbation(agentId, share);
    // Who gets more again may be whom somebody waits for.
    for (const listener of this.listeners) listener();
  }

  /** Nobody listens where this agent should be: it gets nothing until its row changes, or for a while. */
  unreachable(agentId: string): void {
    const route = this.options.routes.table.get(agentId);
    if (!route) return;
    this.away.note(agentId, route.version);
    for (const selection of this.followed()) selection.dismiss(agentId);
    for (const listener of this.awayListeners) listener(agentId);
  }

  /** Work goes out to an agent; the ticket is for `end`, which must be told exactly once. */
  begin(slot: number, nowMs: number): Ticket {
    this.changed.add(this.table.idOf(slot));
    return this.table.begin(slot, nowMs);
  }

  /** Work came to its end at the agent. */
  end(agentId: string, { ticket, outcome, latencyMs, retryAfterMs, load }: Ending, nowMs: number): void {
    const slot = this.table.slotOf(agentId);
    if (outcome === 'done') this.away.forget(agentId);
    if (slot !== noAgent && load) this.table.report(slot, load, nowMs);
    this.table.end(ticket, outcome, latencyMs, nowMs, retryAfterMs);
    this.changed.add(agentId);
  }

  /** What is in flight now at the agents of which that has changed since this was asked last. */
  takeChanged(): [agentId: string, inFlight: number][] {
    const changed = [...this.changed].map((agentId) => this.countAt(agentId));
    this.changed.clear();
    return changed;
  }

  /** What is in flight at the agents that have any. */
  busy(): [agentId: string, inFlight: number][] {
    const busy: [string, number][] = [];
    // Often most agents are idle, and all is found before they are looked at.
    let left = this.table.totalInFlight;
    for (const agentId of this.table.agentIds()) {
      if (left === 0) break;
      const inFlight = this.table.inFlight(this.table.slotOf(agentId));
      left -= inFlight;
      if (inFlight > 0) busy.push([agentId, inFlight]);
    }
    return busy;
  }

  /**
   * How much is under way: from here at all agents, and at the one that has most; from other coordinators, as they said;
   * agents that are out now, and ejections that there ever were.
   */
  figures(): Readonly<
    Record<'inFlight' | 'inFlightMax' | 'elsewhere' | 'ejected' | 'ejectionsTotal', number>
  > {
    const { totalInFlight, ejectedCount, ejectionsTotal } = this.table;
    let elsewhere = 0;
    for (const count of this.elsewhere.values()) elsewhere += count;
    return {
      inFlight: totalInFlight,
      inFlightMax: this.busy().reduce((most, [, count]) => Math.max(most, count), 0),
      ...{ elsewhere, ejected: ejectedCount, ejectionsTotal },
    };
  }

  /** Other coordinators have so much more, or less, in flight at an agent. */
  addElsewhere(agentId: string, difference: number): void {
    const count = Math.max(0, (this.elsewhere.get(agentId) ?? 0) + difference);
    if (count === 0) this.elsewhere.delete(agentId);
    else this.elsewhere.set(agentId, count);
    const slot = this.table.slotOf(agentId);
    if (slot !== noAgent) this.table.setElsewhere(slot, count);
  }

  /** Calls `listener` whenever somebody joined or came back; returns how to stop. */
  onArrival(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Calls `listener` with an agent for whom nobody listens any more; returns how to stop. */
  onAway(listener: (agentId: string) => void): () => void {
    this.awayListeners.add(listener);
    return () => this.awayListeners.delete(listener);
  }

  stop(): void {
    this.away.clear();
    for (const stop of this.stops) stop();
  }

  private countAt(agentId: string): [string, number] {
    const slot = this.table.slotOf(agentId);
    return [agentId, slot === noAgent ? 0 : this.table.inFlight(slot)];
  }

  private follow(agentId: string | undefined): void {
    if (agentId === undefined) {
      this.reload();
      return;
    }
    const route = this.options.routes.table.get(agentId);
    if (route) this.admit(route);
    else this.dismiss(agentId);
  }

  private admit(route: Route): void {
    if (this.away.outlasts(route.agentId, route.version)) return;
    this.enter(route);
    this.takeIn(route);
  }

  /** Whether an agent that was not there is back, only work that is sent to it can tell. */
  private retry(agentId: string): void {
    const route = this.options.routes.table.get(agentId);
    if (route) this.takeIn(route);
  }

  private takeIn(route: Route): void {
    for (const selection of this.followed()) selection.admit(route);
    for (const listener of this.listeners) listener();
  }

  private dismiss(agentId: string): void {
    this.away.forget(agentId);
    for (const selection of this.followed()) selection.dismiss(agentId);
    this.table.remove(agentId);
  }

  private enter({ agentId, weight, maxConcurrency, node }: Route): void {
    const window = maxConcurrency ?? this.agentWindow;
    const slot = this.table.upsert(agentId, { weight, window, node }, this.options.now());
    this.table.setElsewhere(slot, this.elsewhere.get(agentId) ?? 0);
    this.table.setProbation(slot, this.probation.get(agentId) ?? 1);
  }

  private putOnProbation(agentId: string, share: number): void {
    const slot = this.table.slotOf(agentId);
    if (slot !== noAgent) this.table.setProbation(slot, share);
  }

  /** The whole table is another one. */
  private reload(): void {
    const rows = this.options.routes.table.all();
    const ids = new Set(rows.map(({ agentId }) => agentId));
    this.away.clear();
    for (const agentId of [...this.table.agentIds()]) if (!ids.has(agentId)) this.table.remove(agentId);
    for (const route of rows) this.enter(route);
    for (const selection of this.followed()) selection.refill(this.present(selection.targets));
    for (const listener of this.listeners) listener();
  }

  private present(targets: TargetSet): Route[] {
    const { agents } = this.options.routes.table.resolve(targets);
    return agents.filter(({ agentId }) => !this.away.has(agentId));
  }

  private *followed(): Generator<Selection, void, undefined> {
    yield* this.selections.values();
    yield* this.detached;
  }

  /** A list of ids may be long, and is seldom the same twice. */
  private passing(targets: TargetSet): Selection {
    const selection = new Selection(targets, this.table, this.present(targets));
    this.detached.add(selection);
    return selection;
  }

  private lasting(targets: TargetSet): Selection {
    const key = targetSetKey(targets);
    return (
      this.selections.get(key) ??
      this.selections.add(key, new Selection(targets, this.table, this.present(targets)))
    );
  }

  private letGoOf(selection: Selection): void {
    if (selection.users === 0) selection.close();
    else this.detached.add(selection);
  }
}
