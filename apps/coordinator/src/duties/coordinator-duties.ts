import { type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { type DutyRound } from './duty-round.js';
import { type Office } from './office.js';

/** The election of the coordinator that performs the periodic duties. */
export const dutiesElection = 'coordinator.duties';

/** The office of this coordinator and what it does in it, from its start to its end. */
export class CoordinatorDuties implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly office: Office,
    private readonly rounds: readonly DutyRound[],
  ) {}

  onApplicationBootstrap(): void {
    this.office.start();
    for (const round of this.rounds) round.start();
  }

  /** While the connection is still there: so the next in line need not wait for the office to end. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.rounds.map((round) => round.stop()));
    await this.office.resign();
  }
}
