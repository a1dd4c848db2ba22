import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { MeshMember, SharedKeys } from '@nexus/mesh';
import { type Drops } from '@nexus/platform/nats';
import { type BaseConfig, nexusVersion, type ServiceInstance } from '@nexus/platform/service';
import { MeshConnection } from './mesh-connection.js';
import { ProcessVitals } from './process-vitals.js';
import { RefusalLog } from './refusal-log.js';

export interface GossipModuleOptions {
  readonly config: BaseConfig;
  readonly instance: ServiceInstance;
  /** Which service this is, for others. */
  readonly service: string;
  /** Where the service shows what it did not take. */
  readonly drops: Drops;
}

/**
 * Makes a service a member of the gossip, on a connection of its own, and lets its parts have the member and the keys
 * that all share. Nothing waits for other members: a service that is alone starts and serves. Imported by name where it
 * is needed; not global.
 */
@Module({})
export class GossipModule implements OnApplicationShutdown {
  constructor(
    @Inject(MeshMember) private readonly mesh: MeshMember,
    @Inject(MeshConnection) private readonly line: MeshConnection,
    @Inject(ProcessVitals) private readonly vitals: ProcessVitals,
  ) {}

  static for({ config, instance, service, drops }: GossipModuleOptions): DynamicModule {
    return {
      module: GossipModule,
      providers: [
        { provide: ProcessVitals, useFactory: () => new ProcessVitals() },
        { provide: MeshConnection, useFactory: () => MeshConnection.open(config, instance.incarnation) },
        {
          provide: MeshMember,
          inject: [MeshConnection, ProcessVitals],
          useFactory: async ({ connection }: MeshConnection, vitals: ProcessVitals) => {
            const mesh = await MeshMember.start({
              connection,
              prefix: config.prefix,
              self: { id: instance.nodeId, kind: 'service', service },
              vitals: () => vitals.read(),
              settings: settingsOf(config),
            });
            mesh.put('version', nexusVersion);
            return mesh;
          },
        },
        {
          provide: SharedKeys,
          inject: [MeshMember],
          useFactory: (mesh: MeshMember) => new SharedKeys(mesh),
        },
        {
          provide: RefusalLog,
          inject: [MeshMember, SharedKeys],
          useFactory: (mesh: MeshMember, keys: SharedKeys) => new RefusalLog(mesh, keys, drops),
        },
      ],
      exports: [MeshMember, SharedKeys],
    };
  }

  /** After the last request was answered: handlers may still ask who is there. */
  async onApplicationShutdown(): Promise<void> {
    await this.mesh.leave();
    await this.line.close();
    this.vitals.close();
  }
}

const settingsOf = (config: BaseConfig) => ({
  roundMs: config.gossipRoundMs,
  roundBytesMax: config.gossipRoundBytesMax,
  phiSuspect: config.gossipPhiSuspect,
  suspicionRounds: config.gossipSuspicionRounds,
});
