import { type Fence, type FleetCensus, fleetCensusKey, type NodeId } from '@nexus/contracts';
import { type EventPublisher } from '@nexus/platform/nats';
import { type DecisionLog } from '../decisions/decision-log.js';
import { type Fleet } from '../fleet/fleet.js';
import { countFleet } from './count-fleet.js';
import { type Duty } from './duty-round.js';

export interface FleetCensusOptions {
  readonly fleet: Pick<Fleet, 'all'>;
  readonly log: Pick<DecisionLog, 'propose'>;
  readonly events: EventPublisher;
  /** Who counts. */
  readonly self: NodeId;
  readonly timeoutMs: number;
}

/** Counts the fleet, for whoever wants its size without asking for every agent: a key to read, an event to follow. */
export class FleetCensusDuty implements Duty {
  readonly name = 'the fleet census';

  constructor(private readonly options: FleetCensusOptions) {}

  async perform(fence: Fence, signal: AbortSignal): Promise<void> {
    const { fleet, log, events, self, timeoutMs } = this.options;
    const routes = fleet.all();
    // Without a route table we know of no agents, which is not to say that there are none.
    if (routes === undefined) return;
    const census: FleetCensus = { ...countFleet(routes), by: self, at: new Date().toISOString() };
    await log.propose({ type: 'put', key: fleetCensusKey, value: census, fence }, { timeoutMs, signal });
    // Only now: a count of somebody who has lost the office is nobody's news.
    events.publish('fleet.counted', census);
  }
}
