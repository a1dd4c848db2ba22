import { NexusError } from '@nexus/contracts';
import { coloursFor } from '@nexus/platform/terminal';
import { announceJob } from './announce-job.js';
import { chooseHash } from './choose-hash.js';
import { gatherFacts } from './gather-facts.js';
import { hashFiles } from './hash-files.js';
import { type ShowcaseScene, type StepOutcome } from './step.js';
import { renderSummary, type SummaryRow } from './summary.js';

const colours = coloursFor(process.stdout);

interface Step<O extends StepOutcome> {
  readonly heading: string;
  /** Names it in the summary. */
  readonly title: string;
  readonly run: (scene: ShowcaseScene) => Promise<O>;
}

/**
 * Runs the four goal types on the sample fleet and shows what came of each.
 * @returns whether every part succeeded
 */
export async function runShowcase(scene: ShowcaseScene): Promise<boolean> {
  const { say, files } = scene;
  const rows: SummaryRow[] = [];
  const attempt = async <O extends StepOutcome>({ heading, title, run }: Step<O>): Promise<O | undefined> => {
    const startedAt = performance.now();
    say(`\n${colours.bold(heading)}`);
    const tell = (row: SummaryRow) => {
      rows.push(row);
      say(`${mark(row.ok)} ${row.finding}`);
    };
    try {
      const outcome = await run(scene);
      tell({ title, ...outcome });
      return outcome;
    } catch (thrown) {
      const { code, message } = NexusError.from(thrown);
      const durationMs = performance.now() - startedAt;
      tell({ title, ok: false, finding: `${code}: ${message}`, durationMs });
      return undefined;
    }
  };
  await attempt({
    heading: '1  broadcast: tell every agent what the job is',
    title: 'broadcast the job',
    run: announceJob,
  });
  await attempt({
    heading: '2  gather: ask every agent for its host facts',
    title: 'gather host facts',
    run: gatherFacts,
  });
  const choice = await attempt({
    heading: '3  consensus: let the fleet vote which hash to use',
    title: 'vote on the hash',
    run: chooseHash,
  });
  const hash = choice?.hash ?? 'sha256';
  await attempt({
    heading: `4  load balance: hash ${files.paths.length} files of ${files.name} with ${hash}`,
    title: 'share out the hashing',
    run: () => hashFiles(scene, hash),
  });
  say(`\n${renderSummary(rows, process.stdout.columns)}`);
  return rows.every(({ ok }) => ok);
}

const mark = (ok: boolean) => (ok ? colours.green('✔') : colours.red('✘'));
