import { type Provider } from '@nestjs/common';
import { Drops, type Line, lineToken, NATS_PREFIX } from '@nexus/platform/nats';
import { loadSnapshotOverNats, RouteFollower, serviceFeed } from '@nexus/routes';
import { Connection } from '@nexus/wire';

/** Follows the route table as services have it; the module names `lineProvider('bulk')` among its providers, too. */
export const routeFollowerProvider: Provider = {
  provide: RouteFollower,
  inject: [Connection, NATS_PREFIX, lineToken('bulk'), Drops],
  // Changes come by the way of the requests: whoever knows of one by a reply and asks next is to find it here.
  useFactory: (connection: Connection, prefix: string, { caller }: Line, drops: Drops) =>
    new RouteFollower({
      ...{ connection, prefix, drops, feed: serviceFeed },
      load: loadSnapshotOverNats(caller, serviceFeed),
    }),
};
