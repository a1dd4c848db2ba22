import { type TrainReply } from '@nexus/contracts';
import { type TrainingSchedule } from '../training/training-schedule.js';

export class TrainHandler {
  constructor(private readonly schedule: TrainingSchedule) {}

  /** @throws NexusError `unavailable` while Redis does not answer */
  train(): Promise<TrainReply> {
    return this.schedule.now();
  }
}
