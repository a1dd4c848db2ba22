import { type Provider } from '@nestjs/common';
import { MeshMember } from '@nexus/mesh';
import { PublishedKey } from '@nexus/platform/gossip';
import { RouteFollower } from '@nexus/routes';

const everyMs = 5_000;

/** How far this process's route table has come, for whoever compares: `routes` in the gossip, as epoch and version. */
export const routesHint: Provider = {
  provide: PublishedKey,
  inject: [MeshMember, RouteFollower],
  useFactory: (mesh: MeshMember, { table }: RouteFollower) =>
    new PublishedKey({
      mesh,
      key: 'routes',
      read: () => table.position && `${table.position.epoch}:${table.position.version}`,
      everyMs,
    }),
};
