import { Command } from 'commander';
import { type DurationMs, readDuration } from '../reading/duration.js';
import { type Session } from '../session/session.js';
import { addProposalOptions, type ProposalOptions, propose } from './propose.js';

interface CandidacyOptions extends ProposalOptions {
  readonly candidate: string;
  readonly ttl?: DurationMs;
}

const base = (name: string): Command =>
  new Command(name)
    .argument('<election>', 'the office, as census')
    .requiredOption('--candidate <id>', 'who stands for it');

/** `nexus consensus propose campaign` */
export const campaignCommand = (session: Session): Command =>
  addProposalOptions(
    base('campaign')
      .description('stand for an office; the value is who holds it')
      .option('--ttl <time>', 'when the candidacy ends unless it is repeated (default: 10s)', readDuration),
  )
    .addHelpText('after', '\nExample:\n  nexus consensus propose campaign editor --candidate ann --ttl 30s')
    .action((election: string, options: CandidacyOptions) => {
      const { candidate, ttl } = options;
      const limit = ttl !== undefined && { ttlMs: ttl };
      return propose(session, options, { type: 'campaign', election, candidate, ...limit });
    });

/** `nexus consensus propose resign` */
export const resignCommand = (session: Session): Command =>
  addProposalOptions(base('resign'))
    .description('leave the office, or the line for it')
    .addHelpText('after', '\nExample:\n  nexus consensus propose resign editor --candidate ann')
    .action((election: string, options: CandidacyOptions) =>
      propose(session, options, { type: 'resign', election, candidate: options.candidate }),
    );
