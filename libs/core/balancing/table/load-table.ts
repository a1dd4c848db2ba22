/*
 * Whom to give the next piece of work is decided by what is known of the agents, and all of that is here: a row of flat
 * numbers an agent. What was measured in this process comes first (in flight, latency, outcome), what other coordinators
 * measured second, what agents say of themselves last. Each event touches one row; a pick reads a few.
 */
import { assert } from '@nexus/core/invariant';
import { type BitSet } from './bit-set.js';
import { widened } from './columns.js';
import { Doors, shutBy } from './doors.js';
import { Latencies } from './latencies.js';
import { type LoadTableOptions, type LoadTableSettings, settingsOf } from './options.js';
import { Outliers } from './outliers.js';
import { Reliability } from './reliability.js';
import { type ReportedLoad, Reports } from './reports.js';
import { Slots } from './slots.js';
import { type AgentTraits, Traits } from './traits.js';
import { WakeUps } from './wake-ups.js';

/**
 * How a piece of work ended at an agent: `done`; `failed`, with an answer that says so; `refused`, not begun for want of
 * room; `lost`, the agent died or cannot be reached; `expired`, no answer in time; `withdrawn`, never ran there and says
 * nothing of the agent.
 */
export type Outcome = 'done' | 'failed' | 'refused' | 'lost' | 'expired' | 'withdrawn';

/** Names one piece of work in flight: which agent has it, in which of its lives. */
export type Ticket = number & { readonly Ticket: unique symbol };

/** What is known of each agent. A slot is a small integer that stays an agent's until it is removed. */
export class LoadTable {
  private readonly settings: LoadTableSettings;
  private readonly slots = new Slots();
  private readonly doors = new Doors();
  private readonly wakeUps = new WakeUps();
  private readonly traits: Traits;
  private readonly latencies: Latencies;
  private readonly reports: Reports;
  private readonly reliability: Reliability;
  private readonly outliers: Outliers;
  private capacity = 8;
  private flying = new Int32Array(8);
  private elsewhere = new Int32Array(8);
  private refusals = new Int32Array(8);
  private restUntilMs = new Float64Array(8);
  private ejectedUntilMs = new Float64Array(8);
  /** Whether it is on trial: back from ejection, until the first end says whether for good. */
  private onTrial = new Uint8Array(8);
  private flyingInAll = 0;
  private ejections = 0;

  constructor(options: LoadTableOptions = {}) {
    this.settings = settingsOf(options);
    this.traits = new Traits(this.settings);
    this.latencies = new Latencies(this.settings.decayMs);
    this.reports = new Reports(this.settings.reportTtlMs);
    this.reliability = new Reliability(this.settings.decayMs);
    this.outliers = new Outliers(this.settings);
  }

  /** How many agents there are. */
  get size(): number {
    return this.slots.size;
  }

  /** What is in flight from here, at all agents together. */
  get totalInFlight(): number {
    return this.flyingInAll;
  }

  /** Agents that are out now, ejected or on probation without any share; those on trial aside. */
  get ejectedCount(): number {
    return this.doors.ejectedCount;
  }

  /** Ejections that there ever were. */
  get ejectionsTotal(): number {
    return this.ejections;
  }

  /** Adds an agent, which starts slowly, or changes its traits. Returns its slot. */
  upsert(agentId: string, traits: AgentTraits, nowMs: number): number {
    const known = this.slots.slotOf(agentId);
    if (known === -1) return this.add(agentId, traits, nowMs);
    this.traits.change(known, traits);
    this.weighWindow(known);
    return known;
  }

  /** Takes an agent out. What was in flight at it counts no more, and how it ends is of no interest. */
  remove(agentId: string): void {
    const slot = this.slots.slotOf(agentId);
    if (slot === -1) return;
    this.flyingInAll -= this.flying[slot]!;
    this.flying[slot] = 0;
    this.elsewhere[slot] = 0;
    this.traits.remove(slot);
    this.doors.reset(slot, shutBy.absence);
    this.slots.release(slot);
  }

  /** Who is in the table, in no order; it must not change meanwhile. */
  agentIds(): IterableIterator<string> {
    return this.slots.agentIds();
  }

  /** -1 for an agent that is not there. */
  slotOf(agentId: string): number {
    return this.slots.slotOf(agentId);
  }

  idOf(slot: number): string {
    return this.slots.idOf(slot);
  }

  /** Counts the lives of a slot. */
  generationOf(slot: number): number {
    return this.slots.generationOf(slot);
  }

  /** Work goes out to an agent. The ticket is for `end`, which must be told exactly once. */
  begin(slot: number, nowMs: number): Ticket {
    assert(!this.doors.isShutBy(slot, shutBy.absence), 'work goes to an agent that is there');
    this.wake(nowMs);
    this.flying[slot]! += 1;
    this.flyingInAll++;
    // An ejected agent gets work in panic only: that is its trial too.
    if (this.isEjected(slot)) this.onTrial[slot] = 1;
    if (this.onTrial[slot] === 1) this.doors.shut(slot, shutBy.trial);
    this.weighWindow(slot);
    return this.slots.ticketOf(slot) as Ticket;
  }

  /**
   * Work came to its end. The end of work of an agent that was removed since is ignored.
   * @param latencyMs since `begin`, measured here
   * @param retryAfterMs of one who refused: when it wants to be asked again
   */
  end(ticket: Ticket, outcome: Outcome, latencyMs: number, nowMs: number, retryAfterMs?: number): void {
    const slot = this.slots.slotOfTicket(ticket);
    if (slot === -1) return;
    assert(this.flying[slot]! > 0, 'what ends has begun, and has not ended before');
    assert(latencyMs >= 0, 'a latency is not below 0');
    this.wake(nowMs);
    this.flying[slot]! -= 1;
    this.flyingInAll--;
    this.weighWindow(slot);
    if (outcome === 'withdrawn') this.doors.unshut(slot, shutBy.trial);
    else if (outcome === 'refused') this.noteRefusal(slot, nowMs, retryAfterMs);
    else if (outcome === 'done') this.noteSuccess(slot, latencyMs, nowMs);
    else this.noteFailure(slot, latencyMs, nowMs);
  }

  /** What is in flight at an agent from here. */
  inFlight(slot: number): number {
    return this.flying[slot]!;
  }

  /** What is in flight at an agent from all coordinators, as far as is known. */
  outstanding(slot: number): number {
    return this.flying[slot]! + this.elsewhere[slot]!;
  }

  /** What is in flight at an agent from other coordinators, as they said last; it replaces what they said before. */
  setElsewhere(slot: number, count: number): void {
    assert(Number.isInteger(count) && count >= 0, 'what is in flight is a whole number');
    this.elsewhere[slot] = count;
    this.weighWindow(slot);
  }

  /** What an agent says of itself. */
  report(slot: number, load: ReportedLoad, nowMs: number): void {
    this.reports.note(slot, load, nowMs);
  }

  window(slot: number): number {
    return this.traits.window(slot);
  }

  /** The agent's weight, or as much of it as it has grown to since it joined or came back. */
  share(slot: number, nowMs: number): number {
    return this.traits.share(slot, nowMs);
  }

  /**
   * Puts an agent on probation, or ends it.
   * @param share of its weight that counts from now on, 0 to 1; 0: it gets nothing while others can
   */
  setProbation(slot: number, share: number): void {
    assert(share >= 0 && share <= 1, 'a share lies in [0, 1]');
    this.doors.set(slot, shutBy.probation, share === 0);
    // One that gets nothing counts in full in the panic in which it gets something after all.
    this.traits.setProbation(slot, share === 0 ? 1 : share);
  }

  /** The agent's weight as it registered it; less while it is on probation. */
  weight(slot: number): number {
    return this.traits.weight(slot);
  }

  /** Changes whenever the weight of an agent does. */
  get weightChanges(): number {
    return this.traits.weightChanges;
  }

  /** The moving average of measured latencies; what is usual in the fleet, of an agent that has not answered yet. */
  meanLatencyMs(slot: number): number {
    return this.latencies.meanMs(slot);
  }

  /** The average that jumps to each worse latency and forgets it with time. */
  peakLatencyMs(slot: number, nowMs: number): number {
    return this.latencies.peakMs(slot, nowMs);
  }

  /** The share of an agent's work that came out well of late, above 0 and up to 1. */
  successShare(slot: number, nowMs: number): number {
    return this.reliability.successShare(slot, nowMs);
  }

  /** How busy an agent says it is: 0.4 cpu + 0.3 memory + 0.3 queue, each 0 to 1. Old reports fade to 0.5. */
  reportedLoad(slot: number, nowMs: number): number {
    return this.reports.load(slot, this.traits.window(slot), nowMs);
  }

  /** What waits at an agent by its own account. */
  reportedQueueDepth(slot: number, nowMs: number): number {
    return this.reports.queueDepth(slot, nowMs);
  }

  /** Whether an agent may be given work; in panic it does not count that it was ejected. Call `wake` before. */
  isOpen(slot: number, isPanic: boolean): boolean {
    return this.doors.isOpen(slot, isPanic);
  }

  /** Whether an agent is ejected now. */
  isEjected(slot: number): boolean {
    return this.doors.isShutBy(slot, shutBy.ejection);
  }

  /** All that are open. */
  allOpen(isPanic: boolean): BitSet {
    return this.doors.allOpen(isPanic);
  }

  countEjected(members: BitSet): number {
    return this.doors.countEjected(members);
  }

  /** Counts what happens to the set of ejected agents. */
  get ejectionChanges(): number {
    return this.doors.ejectionChanges;
  }

  /** The number of an agent's node, below 0 without one. */
  nodeOf(slot: number): number {
    return this.traits.node(slot);
  }

  /** The number of a node, below 0 when no agent is on it. */
  nodeNumber(name: string): number {
    return this.traits.nodes.numberOf(name);
  }

  /** Changes whenever an agent that was there before is on another node, or a number stands for another node. */
  get nodeChanges(): number {
    return this.traits.nodeChanges;
  }

  /** A set of candidates holds the slot: it is not given to another agent before the last one let go of it. */
  hold(slot: number): void {
    this.slots.hold(slot);
  }

  letGo(slot: number): void {
    this.slots.letGo(slot);
  }

  /** Opens the doors whose time has come. */
  wake(nowMs: number): void {
    while (this.wakeUps.nextMs <= nowMs) {
      const slot = this.wakeUps.take();
      // Whatever was planned may have been put off since, or be of another life: then this was one call too many.
      if (this.restUntilMs[slot]! <= nowMs) this.doors.unshut(slot, shutBy.refusal);
      if (this.isEjected(slot) && this.ejectedUntilMs[slot]! <= nowMs) {
        this.doors.unshut(slot, shutBy.ejection | shutBy.trial);
        this.onTrial[slot] = 1;
      }
    }
  }

  private add(agentId: string, traits: AgentTraits, nowMs: number): number {
    const slot = this.slots.acquire(agentId);
    if (slot >= this.capacity) this.grow(this.capacity * 2);
    this.traits.add(slot, traits, nowMs);
    this.latencies.forget(slot);
    this.reports.forget(slot);
    this.reliability.forget(slot);
    this.outliers.forget(slot);
    this.refusals[slot] = 0;
    this.restUntilMs[slot] = 0;
    this.ejectedUntilMs[slot] = 0;
    this.onTrial[slot] = 0;
    this.doors.reset(slot, 0);
    return slot;
  }

  private weighWindow(slot: number): void {
    this.doors.set(slot, shutBy.window, this.outstanding(slot) >= this.traits.window(slot));
  }

  private noteSuccess(slot: number, latencyMs: number, nowMs: number): void {
    this.refusals[slot] = 0;
    this.latencies.observe(slot, latencyMs, nowMs);
    this.reliability.note(slot, true, nowMs);
    if (this.onTrial[slot] === 1) this.acquit(slot, nowMs);
    this.outliers.note(slot, false);
  }

  private noteFailure(slot: number, latencyMs: number, nowMs: number): void {
    this.latencies.observeFailure(slot, latencyMs, nowMs);
    this.reliability.note(slot, false, nowMs);
    this.outliers.note(slot, true);
    if (this.isEjected(slot)) this.onTrial[slot] = 0;
    else if (this.onTrial[slot] === 1 || this.outliers.isOutlier(slot)) this.eject(slot, nowMs);
  }

  /** Each refusal without an answer between them is believed for twice as long, unless the agent says how long. */
  private noteRefusal(slot: number, nowMs: number, retryAfterMs = 0): void {
    const { refusalRestMs, refusalRestMsMax } = this.settings;
    this.reliability.note(slot, false, nowMs);
    this.doors.unshut(slot, shutBy.trial);
    const asked = retryAfterMs > 0 ? retryAfterMs : refusalRestMs * 2 ** Math.min(this.refusals[slot]!, 30);
    this.refusals[slot]! += 1;
    const untilMs = nowMs + Math.min(asked, refusalRestMsMax);
    if (untilMs <= this.restUntilMs[slot]! || untilMs === nowMs) return;
    this.restUntilMs[slot] = untilMs;
    this.doors.shut(slot, shutBy.refusal);
    this.wakeUps.add(untilMs, slot);
  }

  private eject(slot: number, nowMs: number): void {
    // Where too many are out already, one more would only load the rest: it stays in service.
    if (this.doors.ejectedCount + 1 > this.settings.ejectedShareMax * this.size) {
      this.acquit(slot, nowMs);
      return;
    }
    const untilMs = nowMs + this.outliers.sentenceMs(slot, nowMs);
    this.onTrial[slot] = 0;
    this.ejections++;
    this.ejectedUntilMs[slot] = untilMs;
    this.doors.unshut(slot, shutBy.trial);
    this.doors.shut(slot, shutBy.ejection);
    this.wakeUps.add(untilMs, slot);
  }

  private acquit(slot: number, nowMs: number): void {
    this.onTrial[slot] = 0;
    this.doors.unshut(slot, shutBy.trial | shutBy.ejection);
    this.outliers.acquit(slot, nowMs);
    this.traits.startSlowly(slot, nowMs);
  }

  private grow(capacity: number): void {
    this.capacity = capacity;
    this.flying = widened(this.flying, capacity);
    this.elsewhere = widened(this.elsewhere, capacity);
    this.refusals = widened(this.refusals, capacity);
    this.restUntilMs = widened(this.restUntilMs, capacity);
    this.ejectedUntilMs = widened(this.ejectedUntilMs, capacity);
    this.onTrial = widened(this.onTrial, capacity);
    const parts = [this.traits, this.doors, this.latencies, this.reports, this.reliability, this.outliers];
    for (const part of parts) part.grow(capacity);
  }
}
