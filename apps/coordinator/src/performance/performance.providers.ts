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
import { CoordinationMetrics } from '../metrics/coordination-metrics.js';
import { type BalancedWorkParts } from './balanced-plan.js';

/** What the performance layer shares work out with. */
export const BALANCED_WORK = Symbol('BalancedWork');

const now = () => performance.now();

export const performanceProviders = (
  { agentWindow }: CoordinatorConfig,
  { nodeId, incarnation }: ServiceInstance,
): Provider[] => [
  {
    provide: FleetLoads,
    inject: [RouteFollower],
    useFactory: (routes: RouteFollower) => new FleetLoads({ routes, agentWindow, now }),
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
    provide: BALANCED_WORK,
    inject: [AgentLine, Fleet, FleetLoads, LeasedNumbers, ShownFigures],
    useFactory: (
      line: AgentLine,
      fleet: Fleet,
      loads: FleetLoads,
      numbers: LeasedNumbers,
      figures: ShownFigures,
    ): BalancedWorkParts => {
      const waiting = new WaitingLine();
      loads.onArrival(() => waiting.roomMade());
      figures.show('work', () => ({ ...loads.figures(), waiting: waiting.length }));
      const chooser = new Chooser({ loads, now, random: Math.random });
      return { line, fleet, loads, numbers, waiting, chooser, now, retries: new FlowingRetryBudget() };
    },
  },
  {
    provide: AssignHandler,
    inject: [BALANCED_WORK, CoordinationMetrics],
    useFactory: (parts: BalancedWorkParts, metrics: CoordinationMetrics) => new AssignHandler(parts, metrics),
  },
];
