/*
 * Two estimates of how long an agent takes, of what was measured here and not of what it says. The moving average is calm.
 * The peak-sensitive one jumps to each latency that is worse than it and forgets only with time: an agent that begins to
 * stall is found out by its first slow answer, and not by its twentieth. What was not heard of lately drifts to what is
 * usual: nothing is worth for ever, neither a bad day nor a good one.
 */
import { widened } from './columns.js';

/** Below, latencies differ by chance. It also keeps an agent that answers in no time from winning everything. */
const latencyMsMin = 0.05;
/** The weight of the latest latency in the moving average: it is about the last twenty. */
const recentWeight = 0.1;
/** The same over all agents, for those of whom nothing is known. */
const fleetWeight = 0.01;

export class Latencies {
  private means = new Float64Array(8);
  private peaks = new Float64Array(8);
  private observedMs = new Float64Array(8);
  private fleetMeanMs = 0;
  private fleetWeightNow = 1;

  constructor(private readonly decayMs: number) {}

  grow(capacity: number): void {
    this.means = widened(this.means, capacity);
    this.peaks = widened(this.peaks, capacity);
    this.observedMs = widened(this.observedMs, capacity);
  }

  /** Nothing is known of the slot. */
  forget(slot: number): void {
    this.means[slot] = 0;
    this.peaks[slot] = 0;
    this.observedMs[slot] = 0;
  }

  observe(slot: number, measuredMs: number, nowMs: number): void {
    const latencyMs = Math.max(measuredMs, latencyMsMin);
    this.observePeak(slot, latencyMs, nowMs);
    const mean = this.means[slot]!;
    this.means[slot] = mean === 0 ? latencyMs : mean + recentWeight * (latencyMs - mean);
    this.fleetMeanMs += this.fleetWeightNow * (latencyMs - this.fleetMeanMs);
    this.fleetWeightNow = Math.max(fleetWeight, this.fleetWeightNow / (1 + this.fleetWeightNow));
  }

  /** It took so long and came to nothing: that may count against the agent, never for it. */
  observeFailure(slot: number, measuredMs: number, nowMs: number): void {
    if (measuredMs > this.meanMs(slot)) this.observe(slot, measuredMs, nowMs);
  }

  /** The moving average; what is usual in the fleet, of an agent that has not answered yet. */
  meanMs(slot: number): number {
    const mean = this.means[slot]!;
    return mean === 0 ? this.usualMs : mean;
  }

  /** The peak-sensitive average. */
  peakMs(slot: number, nowMs: number): number {
    const peak = this.peaks[slot]!;
    const usualMs = this.usualMs;
    return peak === 0 ? usualMs : usualMs + (peak - usualMs) * this.fading(slot, nowMs);
  }

  private observePeak(slot: number, latencyMs: number, nowMs: number): void {
    const peak = this.peaks[slot]!;
    const kept = this.fading(slot, nowMs);
    this.peaks[slot] = latencyMs > peak ? latencyMs : peak * kept + latencyMs * (1 - kept);
    this.observedMs[slot] = nowMs;
  }

  /** What is left, 1 to 0, of what was known when it was observed last. */
  private fading(slot: number, nowMs: number): number {
    const ageMs = nowMs - this.observedMs[slot]!;
    return ageMs <= 0 ? 1 : Math.exp(-ageMs / this.decayMs);
  }

  private get usualMs(): number {
    return Math.max(this.fleetMeanMs, latencyMsMin);
  }
}
