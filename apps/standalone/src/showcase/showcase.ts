import { NexusError } from '@nexus/contracts';
import { formatDuration, renderTable } from '@nexus/platform/terminal';
import colours from 'picocolors';
import { announceJob } from './announce-job.js';
import { chooseHash } from './choose-hash.js';
import { gatherFacts } from './gather-facts.js';
import { hashFiles } from './hash-files.js';
import { type ShowcaseScene, type StepOutcome } from './step.js';

/**
 * Runs the four goal types on the sample fleet and shows what came of each.
 * @returns whether every part succeeded
 */
export async function runShowcase(scene: ShowcaseScene): Promise<boolean> {
  const { say } = scene;
  const outcomes: StepOutcome[] = [];
  let ok = true;
  const attempt = async <O extends StepOutcome>(
    heading: string,
    step: () => Promise<O>,
  ): Promise<O | undefined> => {
    say(`\n${colours.bold(heading)}`);
    try {
      const outcome = await step();
      outcomes.push(outcome);
      ok &&= outcome.ok;
      say(`${mark(outcome.ok)} ${outcome.finding}`);
      return outcome;
    } catch (thrown) {
      const error = NexusError.from(thrown);
      ok = false;
      say(`${mark(false)} ${error.code}: ${error.message}`);
      return undefined;
    }
  };
  await attempt('1  broadcast: tell every agent what the job is', () => announceJob(scene));
  await attempt('2  gather: ask every agent for its host facts', () => gatherFacts(scene));
  const choice = await attempt('3  consensus: let the fleet vote which hash to use', () => chooseHash(scene));
  const hash = choice?.hash ?? 'sha256';
  await attempt(
    `4  load balance: hash ${scene.files.paths.length} files of ${scene.files.name} with ${hash}`,
    () => hashFiles(scene, hash),
  );
  say(`\n${renderSummary(outcomes)}`);
  return ok;
}

const mark = (ok: boolean) => (ok ? colours.green('✔') : colours.red('✘'));

const renderSummary = (outcomes: readonly StepOutcome[]) =>
  renderTable({
    head: ['', 'coordination', 'outcome', 'agents', 'layer', 'time', 'trace'],
    rows: outcomes.map(({ ok, title, finding, agents, layer, durationMs, traceId }) => [
      ok ? '✔' : '✘',
      title,
      finding,
      agents,
      layer,
      formatDuration(durationMs),
      traceId,
    ]),
    right: [3, 5],
  });
