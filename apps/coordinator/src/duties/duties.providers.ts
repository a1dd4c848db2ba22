import { type Provider } from '@nestjs/common';
import { type NodeId, nodeIdSchema, parse } from '@nexus/contracts';
import { SharedKeys } from '@nexus/mesh';
import { EventPublisher, type Line, lineToken } from '@nexus/platform/nats';
import { type ServiceInstance } from '@nexus/platform/service';
import { Conductor } from '../coordinate/conductor.js';
import { type CoordinatorConfig } from '../coordinator.config.js';
import { unrepeatedDecisionLog } from '../decisions/decision-log.js';
import { Fleet } from '../fleet/fleet.js';
import { ConflictResolutionDuty } from '../keyed/conflict-resolution.duty.js';
import { KeyedValues } from '../keyed/keyed-values.js';
import { ResolutionTeller } from '../keyed/resolution-teller.js';
import { CoordinatorDuties, dutiesElection } from './coordinator-duties.js';
import { DutyRound } from './duty-round.js';
import { FleetCensusDuty } from './fleet-census.duty.js';
import { Office } from './office.js';

/** Of one question to the log, and of telling what it answered, in milliseconds. */
const resolutionTimeoutMs = 5_000;

const selfOf = ({ nodeId }: ServiceInstance): NodeId => parse(nodeIdSchema, nodeId, 'node id');

/** What one coordinator does for all, and the election of that one. */
export const dutiesProviders = (config: CoordinatorConfig, instance: ServiceInstance): Provider[] => [
  {
    provide: FleetCensusDuty,
    inject: [lineToken('control'), Fleet, EventPublisher],
    useFactory: ({ caller }: Line, fleet: Fleet, events: EventPublisher) =>
      new FleetCensusDuty({
        ...{ fleet, events, log: unrepeatedDecisionLog(caller), self: selfOf(instance) },
        timeoutMs: config.censusIntervalMs,
      }),
  },
  {
    provide: ResolutionTeller,
    inject: [Conductor, KeyedValues],
    useFactory: (conductor: Conductor, values: KeyedValues) =>
      new ResolutionTeller({ conductor, values, timeoutMs: resolutionTimeoutMs }),
  },
  {
    provide: ConflictResolutionDuty,
    inject: [lineToken('control'), SharedKeys, KeyedValues, ResolutionTeller, EventPublisher],
    useFactory: (
      { caller }: Line,
      shared: SharedKeys,
      values: KeyedValues,
      teller: ResolutionTeller,
      events: EventPublisher,
    ) =>
      new ConflictResolutionDuty({
        ...{ shared, values, teller, events, log: unrepeatedDecisionLog(caller), self: selfOf(instance) },
        timeoutMs: resolutionTimeoutMs,
      }),
  },
  {
    provide: CoordinatorDuties,
    inject: [lineToken('control'), FleetCensusDuty, ConflictResolutionDuty],
    useFactory: ({ caller }: Line, census: FleetCensusDuty, resolution: ConflictResolutionDuty) => {
      const { officeTtlMs: ttlMs, censusIntervalMs, gossipRoundMs } = config;
      const log = unrepeatedDecisionLog(caller);
      const office = new Office({ log, election: dutiesElection, candidate: instance.incarnation, ttlMs });
      return new CoordinatorDuties(office, [
        new DutyRound({ office, duty: census, intervalMs: censusIntervalMs }),
        // What stands side by side shows with the rounds of the gossip, and not sooner.
        new DutyRound({ office, duty: resolution, intervalMs: gossipRoundMs }),
      ]);
    },
  },
];
