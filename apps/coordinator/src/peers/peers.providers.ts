import { type Provider } from '@nestjs/common';
import { MeshMember } from '@nexus/mesh';
import { type Line, lineToken } from '@nexus/platform/nats';
import { DECISION_LOG, natsDecisionLog } from '../decisions/decision-log.js';
import { Fleet } from '../fleet/fleet.js';
import { HintedDecisionLog } from './hinted-decision-log.js';
import { KnownNames } from './known-names.js';
import { ServiceHealth } from './service-health.js';

/** Who else there is, by what the gossip says. */
export const peersProviders: Provider[] = [
  {
    provide: KnownNames,
    inject: [MeshMember, Fleet],
    useFactory: (mesh: MeshMember, fleet: Fleet) => new KnownNames(mesh, fleet),
  },
  {
    provide: ServiceHealth,
    inject: [MeshMember],
    useFactory: (mesh: MeshMember) => new ServiceHealth(mesh),
  },
  {
    provide: DECISION_LOG,
    inject: [lineToken('control'), ServiceHealth],
    useFactory: ({ caller }: Line, health: ServiceHealth) =>
      new HintedDecisionLog({ log: natsDecisionLog(caller), health }),
  },
];
