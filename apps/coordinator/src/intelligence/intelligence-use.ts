import { Injectable } from '@nestjs/common';
import { ModelFollower } from './model-follower.js';
import { Orders } from './orders.js';
import { OutcomeReports } from './outcome-reports.js';
import { Surroundings } from './surroundings.js';

/** All that goes on here by itself for the sake of learning and predicting. */
@Injectable()
export class IntelligenceUse {
  constructor(
    private readonly models: ModelFollower,
    private readonly orders: Orders,
    private readonly surroundings: Surroundings,
    private readonly reports: OutcomeReports,
  ) {}

  /** Ends all of it, and tells what has happened since it was told last. */
  async stop(): Promise<void> {
    this.orders.stop();
    this.models.stop();
    this.surroundings.stop();
    await this.reports.stop();
  }
}
