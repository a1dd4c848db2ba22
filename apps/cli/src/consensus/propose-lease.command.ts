import { Command } from 'commander';
import { type DurationMs, readDuration } from '../reading/duration.js';
import { readCount } from '../reading/numbers.js';
import { type Session } from '../session/session.js';
import { addProposalOptions, type ProposalOptions, propose } from './propose.js';

interface LeaseOptions extends ProposalOptions {
  readonly owner: string;
  readonly ttl: DurationMs;
  readonly token?: number;
}

const leaseTtl = '10s';

const base = (name: string): Command =>
  new Command(name)
    .argument('<resource>', 'what is held, as printer')
    .requiredOption('--owner <id>', 'who holds it');

const withTtl = (command: Command): Command =>
  command.option(
    '--ttl <time>',
    `how long it lasts unless it is renewed (default: ${leaseTtl})`,
    readDuration,
    readDuration(leaseTtl),
  );

const withToken = (command: Command): Command =>
  command.option(
    '--token <n>',
    'only the lease that was given with this token',
    readCount(1, Number.MAX_SAFE_INTEGER),
  );

const tokenOf = ({ token }: LeaseOptions) => token !== undefined && { fencingToken: token };

/** `nexus consensus propose lease` */
export const leaseCommand = (session: Session): Command =>
  new Command('lease')
    .description('acquire, renew or release a lease')
    .addCommand(acquireCommand(session))
    .addCommand(renewCommand(session))
    .addCommand(releaseCommand(session))
    .addHelpText('after', '\nExample:\n  nexus consensus propose lease acquire printer --owner me --ttl 30s');

const acquireCommand = (session: Session): Command =>
  addProposalOptions(withTtl(base('acquire')))
    .description('hold a resource; its token is greater than every earlier one')
    .addHelpText('after', '\nExample:\n  nexus consensus propose lease acquire printer --owner me --ttl 30s')
    .action((resource: string, options: LeaseOptions) => {
      const { owner, ttl: ttlMs } = options;
      return propose(session, options, { type: 'lease.acquire', resource, owner, ttlMs });
    });

const renewCommand = (session: Session): Command =>
  addProposalOptions(withToken(withTtl(base('renew'))))
    .description('hold it for longer, under the same token')
    .addHelpText('after', '\nExample:\n  nexus consensus propose lease renew printer --owner me --ttl 30s')
    .action((resource: string, options: LeaseOptions) => {
      const { owner, ttl: ttlMs } = options;
      return propose(session, options, {
        type: 'lease.renew',
        resource,
        owner,
        ttlMs,
        ...tokenOf(options),
      });
    });

const releaseCommand = (session: Session): Command =>
  addProposalOptions(withToken(base('release')))
    .description('give it back')
    .addHelpText('after', '\nExample:\n  nexus consensus propose lease release printer --owner me')
    .action((resource: string, options: LeaseOptions) =>
      propose(session, options, {
        type: 'lease.release',
        resource,
        owner: options.owner,
        ...tokenOf(options),
      }),
    );
