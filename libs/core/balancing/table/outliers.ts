/*
 * An agent that fails fast looks idle, and idle agents get work: without a judge the worst one gets all of it. The judge
 * asks whether an agent fails more than the others do. When all fail alike, the cause is the work or something behind the
 * agents, and to send it elsewhere would only move the failures.
 */
import { widened } from './columns.js';
import { type LoadTableSettings } from './options.js';

/** By how much an agent's share of failures must exceed that of the fleet. */
const marginMin = 0.1;
/** The weight of the latest end in the fleet's share of failures. */
const fleetWeight = 0.01;
/** The same in an agent's, where a row of failures must show at once. */
const recentWeight = 0.1;
/** Ends that an agent's share of failures is of; beyond, older ones weigh half. */
const endsMax = 100;

export class Outliers {
  private inARow = new Int32Array(8);
  private recentShare = new Float64Array(8);
  private failed = new Float64Array(8);
  private ended = new Float64Array(8);
  private sentences = new Float64Array(8);
  private wellSinceMs = new Float64Array(8);
  private fleetShare = 0;

  constructor(private readonly settings: LoadTableSettings) {}

  grow(capacity: number): void {
    this.inARow = widened(this.inARow, capacity);
    this.recentShare = widened(this.recentShare, capacity);
    this.failed = widened(this.failed, capacity);
    this.ended = widened(this.ended, capacity);
    this.sentences = widened(this.sentences, capacity);
    this.wellSinceMs = widened(this.wellSinceMs, capacity);
  }

  forget(slot: number): void {
    this.acquit(slot, 0);
    this.sentences[slot] = 0;
  }

  /** The agent starts with a clean slate; how often it was ejected is not forgotten. */
  acquit(slot: number, nowMs: number): void {
    this.inARow[slot] = 0;
    this.recentShare[slot] = 0;
    this.failed[slot] = 0;
    this.ended[slot] = 0;
    this.wellSinceMs[slot] = nowMs;
  }

  note(slot: number, hasFailed: boolean): void {
    const failure = hasFailed ? 1 : 0;
    this.inARow[slot] = hasFailed ? this.inARow[slot]! + 1 : 0;
    this.recentShare[slot]! += recentWeight * (failure - this.recentShare[slot]!);
    this.fleetShare += fleetWeight * (failure - this.fleetShare);
    if (this.ended[slot]! >= endsMax) {
      this.ended[slot]! /= 2;
      this.failed[slot]! /= 2;
    }
    this.ended[slot]! += 1;
    this.failed[slot]! += failure;
  }

  isOutlier(slot: number): boolean {
    const tolerated = this.fleetShare + marginMin;
    const { failuresInARow, failureRate, failureRateEnds } = this.settings;
    if (this.inARow[slot]! >= failuresInARow && this.recentShare[slot]! > tolerated) return true;
    const share = this.failed[slot]! / this.ended[slot]!;
    return this.ended[slot]! >= failureRateEnds && share >= failureRate && share > tolerated;
  }

  /** How long it is ejected for: twice as long each time, and less again after it was well for long. */
  sentenceMs(slot: number, nowMs: number): number {
    const { ejectionMs, ejectionMsMax, ejectionForgottenMs } = this.settings;
    const wellMs = Math.max(0, nowMs - this.wellSinceMs[slot]!);
    const forgotten = ejectionForgottenMs === 0 ? Infinity : Math.floor(wellMs / ejectionForgottenMs);
    const earlier = Math.max(0, this.sentences[slot]! - forgotten);
    this.sentences[slot] = earlier + 1;
    this.wellSinceMs[slot] = Infinity; // until it is acquitted
    return Math.min(ejectionMs * 2 ** Math.min(earlier, 30), ejectionMsMax);
  }
}
