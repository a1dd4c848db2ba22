import { type OutcomeReport, type OutcomeReportReply } from '@nexus/contracts';
import { type History } from '../history/history.js';
import { type DriftWatch } from '../watch/drift-watch.js';

/** Takes what coordinators report: acknowledged once it is stored, and stored once however often it is told. */
export class CollectHandler {
  constructor(
    private readonly history: History,
    private readonly drift: DriftWatch,
  ) {}

  async collect(report: OutcomeReport): Promise<OutcomeReportReply> {
    const reply = await this.history.append(report);
    // What was known already has been looked at.
    if (reply.stored > 0) this.drift.observe(report.outcomes);
    return reply;
  }
}
