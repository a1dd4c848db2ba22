import { type Provider } from '@nestjs/common';
import { FleetLoads } from '@nexus/balancer';
import { nodeIdSchema, parse } from '@nexus/contracts';
import { Drops, type Line, lineToken, NATS_PREFIX, ShownFigures } from '@nexus/platform/nats';
import { type ServiceInstance } from '@nexus/platform/service';
import { type CoordinatorConfig } from '../coordinator.config.js';
import { Fleet } from '../fleet/fleet.js';
import { CoordinationMetrics } from '../metrics/coordination-metrics.js';
import { Considering } from './considering.js';
import { FreshLatency } from './fresh-latency.js';
import { IntelligenceUse } from './intelligence-use.js';
import { Learning } from './learning.js';
import { ModelFollower } from './model-follower.js';
import { Orders } from './orders.js';
import { OutcomeReports } from './outcome-reports.js';
import { Situations } from './situations.js';
import { Surroundings } from './surroundings.js';
import { WorkSampler } from './work-sampler.js';

/** Samples of work that are kept from one report to the next. */
const workMax = 256;

const { random } = Math;
const now = () => performance.now();

/** What the intelligence service published, and what follows from it. */
const modelProviders = (config: CoordinatorConfig): Provider[] => [
  {
    provide: ModelFollower,
    inject: [lineToken('control'), NATS_PREFIX, Drops],
    useFactory: ({ connection, caller }: Line, prefix: string, drops: Drops) =>
      new ModelFollower({
        ...{ connection, caller, prefix, drops, now },
        staleAfterMs: config.modelsStaleAfterMs,
        untrainedMsMax: config.modelsUntrainedMsMax,
      }),
  },
  {
    provide: FreshLatency,
    inject: [ModelFollower],
    useFactory: (models: ModelFollower) => new FreshLatency(models),
  },
  {
    provide: Orders,
    inject: [ModelFollower, FleetLoads],
    useFactory: (models: ModelFollower, loads: FleetLoads) => new Orders(models, loads, now),
  },
];

/** What is known of a coordination before it begins, and what is chosen for it. */
const choosingProviders = (config: CoordinatorConfig): Provider[] => [
  {
    provide: Surroundings,
    inject: [lineToken('agents')],
    useFactory: ({ connection }: Line) => new Surroundings(connection),
  },
  {
    provide: Situations,
    inject: [Surroundings, CoordinationMetrics],
    useFactory: (surroundings: Surroundings, metrics: CoordinationMetrics) =>
      new Situations(surroundings, () => metrics.inFlight),
  },
  {
    provide: Considering,
    inject: [ModelFollower, Orders, Situations],
    useFactory: (models: ModelFollower, orders: Orders, situations: Situations) =>
      new Considering({
        ...{ models, orders, situations, random },
        explorationShare: config.explorationShare,
        confidenceMin: config.confidenceMin,
      }),
  },
];

/** What is told of coordinations and of work. */
const reportingProviders = ({ nodeId, incarnation }: ServiceInstance): Provider[] => [
  {
    provide: WorkSampler,
    inject: [Fleet],
    useFactory: (fleet: Fleet) =>
      new WorkSampler({
        ...{ capacity: workMax, random },
        nodeOf: (agentId) => fleet.find(agentId)?.node,
      }),
  },
  {
    provide: Learning,
    inject: [Considering, Situations, WorkSampler],
    useFactory: (considering: Considering, situations: Situations, work: WorkSampler) =>
      new Learning({ considering, situations, work, random }),
  },
  {
    provide: OutcomeReports,
    inject: [lineToken('control'), Learning, ShownFigures],
    useFactory: ({ caller }: Line, learning: Learning, figures: ShownFigures) => {
      const self = parse(nodeIdSchema, nodeId, 'node id');
      const reports = new OutcomeReports({
        ...{ caller, self, life: incarnation, take: () => learning.take() },
      });
      figures.show('learning', () => reports.figures());
      return reports;
    },
  },
];

/** What this coordinator learns for, and from, the intelligence service. */
export const intelligenceProviders = (config: CoordinatorConfig, instance: ServiceInstance): Provider[] => [
  IntelligenceUse,
  ...modelProviders(config),
  ...choosingProviders(config),
  ...reportingProviders(instance),
];
