import { type Provider } from '@nestjs/common';
import { Chooser, FleetLoads, InFlightSharing, LeasedNumbers, WaitingLine } from '@nexus/balancer';
import { FlowingRetryBudget } from '@nexus/core/resilience';
import { Drops, type Line, lineToken, NATS_PREFIX, ShownFigures } from '@nexus/platform/nats';
import { RedisRoundRobinCounter } from '@nexus/platform/redis';
import { RouteFollower } from '@nexus/routes';
import { type ServiceInstance } from '@nexus/platform/service';
import { AssignHandler } from '../assign/assign.handler.js';
import { type CoordinatorConfig } from '../coordinator.config.js';
import { AgentLine } from '../fleet/agent-line.js';
import { Fleet } from '../fleet/fleet.js';
import { FreshLatency } from '../intelligence/fresh-latency.js';
import { WorkSampler } from '../intelligence/work-sampler.js';
import { CoordinationMetrics } from '../metrics/coordination-metrics.js';
import { type BalancedWorkParts } from './balanced-plan.js';

/** What the performance layer shares work out with. */
export const BALANCED_WORK = Symbol('BalancedWork');

const CHOICE = Symbol('Choice');

/** What agents are chosen by, and who waits for them. */
type Choice = Pick<BalancedWorkParts, 'loads' | 'waiting' | 'chooser'>;

const now = () => performance.now();

export const performanceProviders = (
  { agentWindow }: CoordinatorConfig,
  { nodeId, incarnation }: ServiceInstance,
): Provider[] => [
  {
    provide: FleetLoads,
    inject: [RouteFollower, WorkSampler],
    useFactory: (routes: RouteFollower, watch: WorkSampler) =>
      new FleetLoads({ routes, agentWindow, now, watch }),
  },
  {
    provide: InFlightSharing,
    inject: [lineToken('control'), NATS_PREFIX, FleetLoads, Drops],
    useFactory: ({ connection }: Line, prefix: string, loads: FleetLoads, drops: Drops) =>
      new InFlightSharing({ connection, prefix, loads, drops, now, self: nodeId, life: incarnation }),
  },
  {
    provide: LeasedNumbers,
    inject: [RedisRoundRobinCounter],
    useFactory: (source: RedisRoundRobinCounter) => new LeasedNumbers({ source, now }),
  },
  {
    provide: CHOICE,
    inject: [FleetLoads, FreshLatency, ShownFigures],
    useFactory: (loads: FleetLoads, predictor: FreshLatency, figures: ShownFigures): Choice => {
      const waiting = new WaitingLine();
      loads.onArrival(() => waiting.roomMade());
      figures.show('work', () => ({ ...loads.figures(), waiting: waiting.length }));
      return { loads, waiting, chooser: new Chooser({ loads, now, random: Math.random, predictor }) };
    },
  },
  {
    provide: BALANCED_WORK,
    inject: [AgentLine, Fleet, LeasedNumbers, CHOICE],
    useFactory: (
      line: AgentLine,
      fleet: Fleet,
      numbers: LeasedNumbers,
      choice: Choice,
    ): BalancedWorkParts => ({ line, fleet, numbers, ...choice, now, retries: new FlowingRetryBudget() }),
  },
  {
    provide: AssignHandler,
    inject: [BALANCED_WORK, CoordinationMetrics],
    useFactory: (parts: BalancedWorkParts, metrics: CoordinationMetrics) => new AssignHandler(parts, metrics),
  },
];
