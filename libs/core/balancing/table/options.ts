import { assert } from '@nexus/core/invariant';

/** What a table of loads is told of how cautious it is to be. */
export interface LoadTableOptions {
  /**
   * Over how long an agent that joins, or comes back from ejection, grows to its full share. Longer spares caches and
   * pools that are cold; shorter uses new capacity earlier. Default 10,000.
   */
  readonly slowStartMs?: number;
  /** The share with which it begins, 0 to 1; above 0, so that nobody starves. Default 0.1. */
  readonly slowStartShareMin?: number;
  /** After how long a report says nothing any more; until then it fades. A few heartbeats. Default 15,000. */
  readonly reportTtlMs?: number;
  /** Time in which what is known of latency and of failures fades to about a third. Default 10,000. */
  readonly decayMs?: number;
  /** How long one that refused work without saying when to come back is left alone; doubled each time. Default 100. */
  readonly refusalRestMs?: number;
  /** The longest that a refusal is honoured for. Default 30,000. */
  readonly refusalRestMsMax?: number;
  /** Failures in a row that eject. Fewer react faster, and to chance. Default 5. */
  readonly failuresInARow?: number;
  /** The share of failures that ejects, 0 to 1, once there were `failureRateEnds` ends lately. Default 0.5. */
  readonly failureRate?: number;
  readonly failureRateEnds?: number;
  /** How long the first ejection lasts; each further one twice as long. Default 5,000. */
  readonly ejectionMs?: number;
  readonly ejectionMsMax?: number;
  /** How long an agent must have been well for one of its earlier ejections to be forgotten. Default 30,000. */
  readonly ejectionForgottenMs?: number;
  /** Agents that may be ejected at once, as a share of all, 0 to 0.5. Default 0.5. */
  readonly ejectedShareMax?: number;
}

export type LoadTableSettings = Required<LoadTableOptions>;

const defaults: LoadTableSettings = {
  slowStartMs: 10_000,
  slowStartShareMin: 0.1,
  reportTtlMs: 15_000,
  decayMs: 10_000,
  refusalRestMs: 100,
  refusalRestMsMax: 30_000,
  failuresInARow: 5,
  failureRate: 0.5,
  failureRateEnds: 20,
  ejectionMs: 5_000,
  ejectionMsMax: 300_000,
  ejectionForgottenMs: 30_000,
  ejectedShareMax: 0.5,
};

/** Fills in what was left out. */
export function settingsOf(options: LoadTableOptions): LoadTableSettings {
  const settings = { ...defaults, ...options };
  for (const [name, value] of Object.entries(settings)) {
    assert(Number.isFinite(value) && value >= 0, `${name} is a finite number, not below 0`);
  }
  assert(settings.slowStartShareMin > 0 && settings.slowStartShareMin <= 1, 'a share lies in (0, 1]');
  assert(settings.reportTtlMs > 0 && settings.decayMs > 0, 'what fades takes some time');
  assert(settings.failuresInARow >= 1 && settings.failureRateEnds >= 1, 'nobody is ejected for nothing');
  assert(settings.ejectedShareMax <= 0.5, 'half of the agents may be ejected at most');
  return settings;
}
