import { endpoints, NexusError, parse, type ReadReply, readRequestSchema } from '@nexus/contracts';
import { type NexusClient, type ReadOptions } from '@nexus/sdk';
import { Caller } from '@nexus/wire';
import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { clientOn, type Link, withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { type DurationMs, readDuration } from '../reading/duration.js';
import { readToken } from '../reading/token.js';
import { type Session } from '../session/session.js';
import { withTracing } from '../session/tracing.js';
import { renderReading } from './render-reading.js';

interface ReadingOptions extends ServerOptions {
  readonly json: boolean;
  readonly lease?: string;
  readonly election?: string;
  readonly local: boolean;
  readonly replica?: string;
  readonly timeout?: DurationMs;
}

const timeoutMsDefault = 5_000;

const examples = `
Examples:
  nexus consensus read config.model
  nexus consensus read --lease printer --json
  nexus consensus read --election editor
  nexus consensus read config.model --local --replica consensus-2`;

/** `nexus consensus read` */
export const readCommand = (session: Session): Command =>
  addLinkOptions(
    new Command('read')
      .description('read a key, a lease or an election')
      .argument('[key]', 'the key')
      .option('--lease <resource>', 'who holds this resource')
      .option('--election <election>', 'who holds this office')
      .option('--local', 'ask no quorum: it may be stale, and needs no leader', false)
      .option('--replica <id>', 'ask this replica, which answers not_leader unless it leads', readToken)
      .option('--timeout <time>', 'when to give up (default: 5s)', readDuration),
  )
    .addHelpText('after', examples)
    .action(async (key: string | undefined, options: ReadingOptions) => {
      const subject = subjectOfReading(key, options);
      const consistency = options.local ? 'local' : 'linearizable';
      const request = parse(readRequestSchema, { ...subject, consistency }, 'the read');
      const { timeout: timeoutMs = timeoutMsDefault, replica } = options;
      const { signal } = session.interruption;
      const reading = await withTracing(session, () =>
        withLink(session, options, async (link) =>
          replica === undefined
            ? readAny(await clientOn(link), subject, { consistency, timeoutMs, signal })
            : callerOn(link).call(endpoints.consensusReplicaRead, { replicaId: replica }, request, {
                timeoutMs,
                signal,
              }),
        ),
      );
      const { output } = session;
      if (options.json) output.json(reading);
      else output.print(renderReading(reading, output.paint));
    });

const callerOn = ({ connection, replies, prefix }: Link) => new Caller(connection, replies, prefix);

/** One of three. */
type ReadingSubject =
  { readonly key: string } | { readonly resource: string } | { readonly election: string };

/**
 * @internal exported for its spec
 * @throws NexusError `invalid_argument` unless exactly one thing is named
 */
export function subjectOfReading(
  key: string | undefined,
  { lease, election }: Pick<ReadingOptions, 'lease' | 'election'>,
): ReadingSubject {
  const subjects: ReadingSubject[] = [
    ...(key === undefined ? [] : [{ key }]),
    ...(lease === undefined ? [] : [{ resource: lease }]),
    ...(election === undefined ? [] : [{ election }]),
  ];
  const [subject] = subjects;
  if (subject !== undefined && subjects.length === 1) return subject;
  throw new NexusError('invalid_argument', 'name one thing to read: a key, or --lease r, or --election e');
}

function readAny(client: NexusClient, subject: ReadingSubject, options: ReadOptions): Promise<ReadReply> {
  if ('key' in subject) return client.read(subject.key, options);
  if ('resource' in subject) return client.readLease(subject.resource, options);
  return client.readElection(subject.election, options);
}
