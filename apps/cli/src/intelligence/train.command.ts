import { setTimeout as pause } from 'node:timers/promises';
import { type ModelsReply, type ModelVersion, NexusError } from '@nexus/contracts';
import { formatDuration, printable } from '@nexus/platform/terminal';
import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { Advised } from '../ending/next-step.js';
import { type DurationMs, readDuration } from '../reading/duration.js';
import { type Session } from '../session/session.js';
import { IntelligenceDoor } from './ask-intelligence.js';
import { renderVersions } from './render-models.js';

interface TrainOptions extends ServerOptions {
  readonly json: boolean;
  readonly wait: boolean;
  readonly timeout: DurationMs;
}

const timeoutDefaultMs = 60_000;
const lookEveryMs = 200;
const tellEveryMs = 2_000;
/** Of each type: what one training brings, and a few that came meanwhile. */
const versionsMax = 5;

const examples = `
A training is due every few minutes and when a drift is noticed; this asks for one at once. One that waits already is not
asked for twice.

Examples:
  nexus models train
  nexus models train --no-wait --json`;

/** `nexus models train` */
export const trainCommand = (session: Session): Command =>
  addLinkOptions(
    new Command('train')
      .description('train now, and show what came of it')
      .option('--no-wait', 'do not wait until it has run')
      .option('--timeout <time>', 'when to stop waiting: 30s, 2m', readDuration, timeoutDefaultMs),
  )
    .addHelpText('after', examples)
    .action((options: TrainOptions) =>
      withLink(session, options, async (link) => train(session, new IntelligenceDoor(link), options)),
    );

async function train(session: Session, door: IntelligenceDoor, options: TrainOptions): Promise<void> {
  const { output } = session;
  const { training: before } = await door.models({ limit: 1 });
  const { jobId } = await door.train();
  if (!options.wait) {
    if (options.json) output.json({ jobId });
    else output.print(`a training is asked for: ${printable(jobId)}`);
    return;
  }
  const startedAt = performance.now();
  const after = await trained(session, door, { ...options, before: before.lastTrainedAt, jobId });
  const waitedMs = Math.round(performance.now() - startedAt);
  const models = newSince(before.lastTrainedAt, after);
  if (options.json) {
    output.json({ jobId, waitedMs, trainedAt: after.training.lastTrainedAt, models });
    return;
  }
  output.print(
    models.length === 0
      ? `trained after ${formatDuration(waitedMs)}: no new version, ${after.history.outcomes} outcomes are known`
      : `trained after ${formatDuration(waitedMs)}\n\n${renderVersions(models, Date.now(), output.paint)}`,
  );
}

interface Waiting {
  readonly json: boolean;
  readonly timeout: DurationMs;
  /** When was trained last before it was asked for. */
  readonly before: string | null;
  readonly jobId: string;
}

/** Looks until a training has ended since. */
async function trained(
  { output, interruption: { signal } }: Session,
  door: IntelligenceDoor,
  { before, jobId, timeout, json }: Waiting,
): Promise<ModelsReply> {
  const startedAt = performance.now();
  let toldAt = startedAt;
  for (;;) {
    const seen = await door.models({ limit: versionsMax });
    if (seen.training.lastTrainedAt !== before) return seen;
    const now = performance.now();
    if (now - startedAt >= timeout) throw tooLate(jobId, timeout);
    if (!json && now - toldAt >= tellEveryMs) {
      toldAt = now;
      output.note(`training, ${formatDuration(now - startedAt)} so far`);
    }
    await pause(lookEveryMs, undefined, { signal });
  }
}

const tooLate = (jobId: string, timeoutMs: number) =>
  new Advised(
    new NexusError('deadline_exceeded', `training ${jobId} has not ended after ${formatDuration(timeoutMs)}`),
    'it goes on: nexus models shows when was trained last; nexus status whether the service is busy',
  );

/** @internal exported for its spec */
export const newSince = (before: string | null, { models }: ModelsReply): ModelVersion[] =>
  models.filter(({ trainedAt }) => before === null || Date.parse(trainedAt) > Date.parse(before));
