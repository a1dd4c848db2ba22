import { Logger } from '@nestjs/common';
import {
  type CoordinationSettings,
  coordinationSettingsKey,
  coordinationSettingsSchema,
  type KeyReading,
} from '@nexus/contracts';
import { KeyFollower } from '@nexus/sdk';
import { type Connection } from '@nexus/wire';
import { type DecisionLog } from '../decisions/decision-log.js';
import { readSettings } from './read-settings.js';

export interface SettingsFollowerOptions {
  readonly connection: Connection;
  /** First token of every subject. */
  readonly prefix: string;
  readonly log: Pick<DecisionLog, 'read'>;
}

const readTimeoutMs = 5_000;

/**
 * The settings that all coordinators share, followed from the decision log. While the log cannot be read the last known
 * ones serve, and so they do when what is in the log is no settings.
 */
export class SettingsFollower {
  private readonly logger = new Logger('SettingsFollower');
  private readonly follower: KeyFollower;
  private settings = coordinationSettingsSchema.parse({});

  constructor({ connection, prefix, log }: SettingsFollowerOptions) {
    this.follower = new KeyFollower({
      ...{ connection, prefix, keys: [coordinationSettingsKey] },
      read: (key) => log.read(key, { timeoutMs: readTimeoutMs }),
      onReading: (reading) => this.adopt(reading),
      // An outage may last, and nothing follows from it.
      onTrouble: (error) => {
        if (error)
          this.logger.debug(`the settings cannot be read, the last known ones serve: ${error.message}`);
      },
    });
  }

  get current(): CoordinationSettings {
    return this.settings;
  }

  stop(): void {
    this.follower.stop();
  }

  private adopt(reading: KeyReading): void {
    const read = readSettings(reading);
    if (read.kind === 'invalid') {
      const { key, version } = reading;
      this.logger.warn(`version ${version} of ${key} is ignored, the settings stay as they are: ${read.why}`);
      return;
    }
    this.settings = read.settings;
    if (reading.version > 0) {
      this.logger.log(`settings of version ${reading.version}: ${JSON.stringify(read.settings)}`);
    }
  }
}
