import { type Features, featureNames, NexusError } from '@nexus/contracts';
import { medianOf } from '@nexus/core/learning';
import { type History } from '../history/history.js';
import { type GoalType } from '../registry/registry.js';

/** Where nothing was ever seen: the design's parameters, for ten agents. */
const assumed: Features = {
  ...{ agents: 10, diversity: 0, complexity: 1, deadlineS: 30 },
  ...{ latencyMs: 1, load: 0, active: 1, successRate: 1 },
};
const keptMs = 10_000;
const outcomesMax = 500;

/** What is usual for each type of goal, from the latest outcomes; read at most once in ten seconds. */
export class UsualSituation {
  private readonly known = new Map<GoalType, Features>();
  private readAt = -Infinity;

  constructor(private readonly history: History) {}

  async of(type: GoalType): Promise<Features> {
    if (performance.now() - this.readAt > keptMs) await this.read();
    return this.known.get(type) ?? assumed;
  }

  private async read(): Promise<void> {
    try {
      const outcomes = await this.history.latestOutcomes(outcomesMax);
      for (const type of new Set(outcomes.map((outcome) => outcome.type))) {
        const own = outcomes.filter((outcome) => outcome.type === type);
        const medians = featureNames.map((name) => [
          name,
          medianOf(own.map(({ features }) => features[name])),
        ]);
        const usual = Object.fromEntries(medians) as Record<keyof Features, number>;
        this.known.set(type, {
          ...usual,
          agents: Math.round(usual.agents),
          active: Math.round(usual.active),
        });
      }
      this.readAt = performance.now();
    } catch (error) {
      // While Redis is away what was usual before still is.
      if (NexusError.from(error).code !== 'unavailable') throw error;
    }
  }
}
