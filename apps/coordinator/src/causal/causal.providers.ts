import { type Provider } from '@nestjs/common';
import { MeshMember, SharedKeys } from '@nexus/mesh';
import { Drops, type Line, lineToken, NATS_PREFIX } from '@nexus/platform/nats';
import { type ServiceInstance } from '@nexus/platform/service';
import { EventClock } from '../coordination/event-clock.js';
import { AgentLine } from '../fleet/agent-line.js';
import { Fleet } from '../fleet/fleet.js';
import { KeyedValues } from '../keyed/keyed-values.js';
import { KnownNames } from '../peers/known-names.js';
import { AgentHearsay } from './agent-hearsay.js';
import { CausalBroadcasts } from './causal-broadcasts.js';
import { CausalTelling } from './causal-telling.js';
import { SenderDoor } from './sender-door.js';

/** What orders the events of this coordinator among those of others. */
export const causalProviders = ({ nodeId, incarnation }: ServiceInstance): Provider[] => [
  {
    provide: EventClock,
    inject: [KnownNames, Drops],
    useFactory: ({ isKnown, isCredible }: KnownNames, drops: Drops) =>
      new EventClock({ incarnation, isKnown, isCredible, drops }),
  },
  {
    provide: CausalBroadcasts,
    inject: [Fleet, KnownNames, Drops],
    useFactory: (fleet: Fleet, { isKnown, isCredible }: KnownNames, drops: Drops) =>
      new CausalBroadcasts({ nodeId, fleet, isKnown, isCredible, drops }),
  },
  {
    provide: AgentHearsay,
    inject: [CausalBroadcasts, EventClock],
    useFactory: (broadcasts: CausalBroadcasts, clock: EventClock) => new AgentHearsay(broadcasts, clock),
  },
  {
    provide: KeyedValues,
    inject: [SharedKeys, MeshMember],
    useFactory: (shared: SharedKeys, mesh: MeshMember) => new KeyedValues(shared, mesh),
  },
  {
    provide: CausalTelling,
    inject: [AgentLine, CausalBroadcasts, EventClock, KeyedValues],
    useFactory: (line: AgentLine, broadcasts: CausalBroadcasts, clock: EventClock, values: KeyedValues) =>
      new CausalTelling({ line, broadcasts, clock, values }),
  },
  {
    provide: SenderDoor,
    inject: [lineToken('agents'), NATS_PREFIX, CausalBroadcasts, Drops],
    // How far broadcasts have come is told behind them, and so on the same line.
    useFactory: ({ connection }: Line, prefix: string, broadcasts: CausalBroadcasts, drops: Drops) =>
      new SenderDoor({ connection, prefix, self: nodeId, broadcasts, drops }),
  },
];
