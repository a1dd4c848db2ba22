import { type DynamicModule, type INestMicroservice } from '@nestjs/common';
import { type ServiceName } from '@nexus/contracts';
import { type ConfigOf, type Fields, type serviceFields } from '@nexus/platform/config';
import { type HealthCheck } from '@nexus/platform/health';
import { type NatsModuleOptions } from '@nexus/platform/nats';
import { type WorkerCount } from './workers/worker-count.js';

/** What every service is configured by, whatever else it needs. */
export type BaseConfig = ConfigOf<typeof serviceFields>;

/** Who this process is: the same in its traces, its logs, its answers and its discovery. */
export interface ServiceInstance {
  /** The configured node id, or the service's name with a number. */
  readonly nodeId: string;
  /** The node id with this life's own suffix: two lives of one node never share it. */
  readonly incarnation: string;
}

export interface Composition<C extends BaseConfig> {
  readonly config: C;
  readonly instance: ServiceInstance;
  readonly nats: NatsModuleOptions;
}

/** A service before it runs: what it is called, how it is composed, when it is ready. */
export interface ServiceBlueprint<C extends BaseConfig> {
  readonly name: ServiceName;
  /** One sentence, for discovery. */
  readonly description: string;
  /** The variables it reads. */
  readonly fields: Fields;
  readonly compose: (composition: Composition<C>) => DynamicModule;
  /** What stands for the process in the templates of its own endpoints, as `{ replicaId: 'consensus-1' }`. */
  readonly own?: (config: C, instance: ServiceInstance) => Readonly<Record<string, string>>;
  /** How many processes serve; one when left out. */
  readonly workers?: (config: C) => WorkerCount;
  /** What must work, beside NATS, before the service wants requests. */
  readonly checks: (app: INestMicroservice) => Readonly<Record<string, HealthCheck>>;
}
