import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type ModelsReply, type ModelVersion } from '@nexus/contracts';
import { figureOf, quantile } from '../measure/figures.js';
import { NexusServices, until } from '../nexus-services.js';
import { Child } from '../processes/child.js';
import { crews, type CrewSample, type LoadOrder, type LoadReply } from '../situations/crews.js';
import { type CountTable, type GroundContext, type GroundSection } from './section.js';

const prefix = 'situations';
const layers = ['performance', 'intelligence'] as const;
type Layer = (typeof layers)[number];

/** Models are trained so often, in milliseconds, instead of every five minutes. */
const trainingIntervalMs = 5_000;
/** Longer than any comparison, in milliseconds. */
const frozenMs = 3_600_000;
/**
 * Seeds: of the work's own times, of the arrivals while is learned, and of those of the first round that counts. What the
 * coordinator tries by chance it draws itself.
 */
const seeds = { service: 7, learning: 1_000, measuring: 1 } as const;
const answersWithinMs = 60_000;

/** What the intelligence layer gains on a load whose best algorithm depends on the situation. */
export const intelligence: GroundSection = {
  name: 'intelligence',
  summary:
    'three crews that want different treatment: after training, the intelligence against the performance layer',
  on: 'bare ground',
  run: async (context, onTable) => {
    const trial = new Trial(context);
    const measure = async () => {
      await trial.prepare();
      await trial.learn();
      for (const table of await trial.compare()) onTable(table);
    };
    try {
      await Promise.race([measure(), ...trial.lasting.map((child) => child.failed()), context.givenUp]);
    } finally {
      await trial.stop();
    }
  },
};

/** One after the other on the same agents, which keep their habits throughout. */
class Trial {
  private readonly services: NexusServices;
  private readonly mind: Child;
  private readonly agents: Child;
  private readonly client: Child;
  private nats: NatsConnection | undefined;

  constructor(private readonly context: GroundContext) {
    const { natsUrl, redisUrl } = context;
    const variables = {
      NEXUS_TRAINING_INTERVAL_MS: String(trainingIntervalMs),
      // What was learned serves to the end, though the service ends before it is compared.
      NEXUS_MODELS_STALE_AFTER_MS: String(frozenMs),
      NEXUS_MODELS_UNTRAINED_MS_MAX: String(frozenMs),
    };
    this.services = new NexusServices({ natsUrl, redisUrl, prefix, variables });
    this.mind = new Child({
      name: 'intelligence',
      entry: 'apps/intelligence/src/main.js',
      variables: {
        NEXUS_NATS_URL: natsUrl,
        NEXUS_REDIS_URL: redisUrl,
        NEXUS_PREFIX: prefix,
        NEXUS_LOG_LEVEL: 'error',
        ...variables,
      },
    });
    const args = [natsUrl, prefix, String(seeds.service)];
    this.agents = new Child({ name: 'crews', entry: 'bench/situations/crew-agents.js', args });
    this.client = new Child({ name: 'client', entry: 'bench/situations/crew-client.js', args });
  }

  /** Those that are to be there until the end. */
  get lasting(): readonly Child[] {
    return [...this.services.children, this.agents, this.client];
  }

  async prepare(): Promise<void> {
    this.nats = await connect({ servers: this.context.natsUrl, name: 'bench intelligence' });
    const { nats } = this;
    await this.services.whenServing(nats);
    await until(async () => {
      await nats.request('$SRV.PING.nexus-intelligence', '', { timeout: 1_000 });
      return true;
    });
    await this.agents.ask({ kind: 'start' }, answersWithinMs);
  }

  /** So many rounds; what was learned by then is what is compared. */
  async learn(): Promise<void> {
    const { effort, progress } = this.context;
    for (let round = 0; round < effort.learningRounds; round++) {
      await this.load('intelligence', effort.openMs, seeds.learning + round);
      const model = (await this.models()).find(({ state }) => state === 'champion');
      const says = model
        ? `version ${model.version}, ${model.reason}: ${model.rules.join('; ')}`
        : 'no model yet';
      progress(`intelligence: learning, round ${round + 1}, ${says}`);
    }
    // From now on nothing is learned: both layers meet the same models, and neither teaches them.
    await this.mind.stop();
  }

  async compare(): Promise<CountTable[]> {
    const { effort, progress } = this.context;
    const rounds: Record<Layer, (readonly CrewSample[])[]> = { performance: [], intelligence: [] };
    for (let round = 0; round < effort.openRounds * 2; round++) {
      // Each layer is first in every other round: what the first leaves behind weighs on both alike.
      const order = round % 2 === 0 ? layers : [...layers].reverse();
      for (const layer of order) {
        progress(`intelligence: round ${round + 1}, ${layer} layer`);
        const { samples } = await this.load(layer, effort.openMs, seeds.measuring + round);
        rounds[layer].push(samples);
      }
    }
    return [timesTable(rounds), choicesTable(rounds)];
  }

  async stop(): Promise<void> {
    await this.nats?.close();
    await Promise.all([...this.lasting, this.mind].map((child) => child.stop()));
  }

  private async load(maxLayer: Layer, durationMs: number, seed: number): Promise<LoadReply> {
    const order: LoadOrder = { kind: 'load', maxLayer, durationMs, seed };
    return (await this.client.ask(order, durationMs + answersWithinMs)) as LoadReply;
  }

  private async models(): Promise<readonly ModelVersion[]> {
    const reply = await this.nats!.request(
      `${prefix}.intelligence.models`,
      JSON.stringify({ type: 'load_balance' }),
      { timeout: answersWithinMs },
    );
    return reply.json<ModelsReply>().models;
  }
}

const all = 'all together';
const rowsOf = [...crews.map(({ crew }) => crew), all] as const;

/** The times of a round, of one crew or of all. */
const timesIn = (samples: readonly CrewSample[], row: string): number[] =>
  samples
    .filter(({ crew }) => row === all || crew === row)
    .flatMap(({ latenciesMs }) => latenciesMs)
    .sort((a, b) => a - b);

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function timesTable(rounds: Readonly<Record<Layer, readonly (readonly CrewSample[])[]>>): CountTable {
  const over = (layer: Layer, row: string, read: (times: number[]) => number) =>
    rounds[layer].map((samples) => read(timesIn(samples, row)));
  const ratio = (row: string, read: (times: number[]) => number) => {
    const below = over('performance', row, read);
    return figureOf(over('intelligence', row, read).map((value, round) => value / below[round]!));
  };
  const p95 = (times: readonly number[]) => quantile(times, 0.95);
  const notDone = (layer: Layer, row: string) =>
    rounds[layer].flat().reduce((sum, one) => sum + (row === all || one.crew === row ? one.notDone : 0), 0);
  return {
    kind: 'counts',
    title: `after training, seeds ${Object.values(seeds).join(', ')}: times of work, performance → intelligence layer`,
    columns: [
      ...['mean ms, perf.', 'mean ms, int.', 'mean, ratio'],
      ...['p95 ms, perf.', 'p95 ms, int.', 'p95, ratio', 'not done, perf.', 'not done, int.'],
    ],
    chart: 'mean, ratio',
    rows: rowsOf.map((row) => ({
      name: row,
      values: [
        figureOf(over('performance', row, meanOf)),
        figureOf(over('intelligence', row, meanOf)),
        ratio(row, meanOf),
        figureOf(over('performance', row, p95)),
        figureOf(over('intelligence', row, p95)),
        ratio(row, p95),
        notDone('performance', row),
        notDone('intelligence', row),
      ],
    })),
  };
}

/** Which choices the intelligence layer made, in percent. */
function choicesTable(rounds: Readonly<Record<Layer, readonly (readonly CrewSample[])[]>>): CountTable {
  const counted = crews.map(({ crew }) => {
    const counts = new Map<string, number>();
    for (const sample of rounds.intelligence.flat()) {
      if (sample.crew !== crew) continue;
      for (const [choice, count] of Object.entries(sample.choices)) {
        counts.set(choice, (counts.get(choice) ?? 0) + count);
      }
    }
    return { crew, counts, total: [...counts.values()].reduce((sum, count) => sum + count, 0) };
  });
  const columns = [...new Set(counted.flatMap(({ counts }) => [...counts.keys()]))].sort();
  return {
    kind: 'counts',
    title: 'what the intelligence layer chose, %, with what the layer below did where it chose nothing',
    columns,
    rows: counted.map(({ crew, counts, total }) => ({
      name: crew,
      values: columns.map((choice) => (100 * (counts.get(choice) ?? 0)) / Math.max(1, total)),
    })),
  };
}
