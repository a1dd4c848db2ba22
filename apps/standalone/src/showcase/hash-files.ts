import { type CoordinateReply, type WorkResult } from '@nexus/contracts';
import { formatBytes, formatDuration, Progress, renderTable } from '@nexus/platform/terminal';
import { z } from 'zod';
import { computeManifest, differences, type Manifest } from './manifest.js';
import { type ShowcaseScene, type StepOutcome } from './step.js';

const hashedSchema = z.object({ path: z.string(), digest: z.string(), bytes: z.number() });

/** Files in one request: small enough to show progress and to have work under way when an agent is killed. */
const batchFilesMax = 500;
const batchesMin = 5;
const batchTimeoutMs = 120_000;
/** Share of the batches after which an agent is killed, as soon as the next one is under way. */
const killAfterShare = 0.4;

interface Work {
  readonly replies: CoordinateReply[];
  readonly results: WorkResult[];
  readonly killed: string | undefined;
  readonly durationMs: number;
}

/**
 * Load balancing: every file is hashed by some agent, one agent is killed midway, and what the fleet made of it is
 * held against the same computed here.
 */
export async function hashFiles(scene: ShowcaseScene, hash: string): Promise<StepOutcome> {
  const { files, say } = scene;
  const work = await distribute(scene, hash);
  // Not meanwhile: this process would see late what the fleet has done, and kill an agent that has no work any more.
  const direct = await computeManifest(files, hash, scene.signal);
  const { manifest, bytes } = merge(work.results);
  const wrong = differences(manifest, direct);
  const once = work.results.length === files.paths.length && manifest.size === work.results.length;
  say(renderShares(scene, work));
  for (const path of wrong.slice(0, 5)) say(`  differs: ${path}${reasonFor(work, files.paths, path)}`);
  const repeated = work.results.filter(({ attempts }) => attempts > 1).length;
  const fate =
    repeated === 0
      ? 'when nothing of it was under way'
      : `midway; ${repeated} files were given to another agent`;
  say(
    `  ${work.killed ?? 'no agent'} was killed ${fate}; ${formatBytes(bytes)} in ${formatDuration(work.durationMs)}`,
  );
  const last = work.replies.at(-1);
  return {
    ok: wrong.length === 0 && once && work.killed !== undefined,
    finding:
      wrong.length === 0 && once
        ? `${manifest.size} files, each once, manifest identical`
        : `${wrong.length} of ${files.paths.length} files differ`,
    layer: last?.layer ?? 'foundation',
    durationMs: work.durationMs,
    agents: scene.fleet.agents.length,
    traceId: last?.traceId ?? '',
  };
}

async function distribute({ client, fleet, files, signal }: ShowcaseScene, hash: string): Promise<Work> {
  const total = files.paths.length;
  // As many as agents at least, so that there is work under way when one has answered.
  const batchFiles = Math.max(fleet.agents.length, Math.min(batchFilesMax, Math.ceil(total / batchesMin)));
  const killFrom = Math.floor(Math.ceil(total / batchFiles) * killAfterShare) * batchFiles;
  const progress = new Progress('hashing', total);
  const startedAt = performance.now();
  const replies: CoordinateReply[] = [];
  const results: WorkResult[] = [];
  let killed: string | undefined;
  for (let from = 0; from < total; from += batchFiles) {
    const requests = files.paths
      .slice(from, from + batchFiles)
      .map((path, index) => ({ id: String(from + index), payload: { path, hash } }));
    const stream = client.stream(
      {
        agents: { group: fleet.group },
        goal: { type: 'load_balance', requests, timeoutMs: batchTimeoutMs },
        stream: true,
      },
      { signal },
    );
    const until = from + requests.length;
    let done = from;
    for await (const { part } of stream) {
      done += part.results?.length ?? 0;
      // Rather while others work; with the last file answered there is no better moment left.
      if (killed === undefined && from >= killFrom && (done < until || done === total)) {
        killed = killOne(fleet.agents, part.results?.at(-1)?.agentId);
        const fate =
          done < until ? 'what it had goes to others once its silence is noticed' : 'nothing was under way';
        progress.interrupt(
          `  ✂ ${killed ?? 'nobody'} killed (SIGKILL) after ${done} of ${total} files; ${fate}`,
        );
      }
      progress.update(done);
    }
    const reply = await stream.final;
    replies.push(reply);
    results.push(...(reply.result.results ?? []));
  }
  progress.end(results.filter(({ ok }) => ok).length);
  return { replies, results, killed, durationMs: performance.now() - startedAt };
}

/** Kills the slowest agent but the one that has just answered: it is the likeliest to have work under way. */
function killOne(agents: ShowcaseScene['fleet']['agents'], spare: string | undefined): string | undefined {
  const victim = agents.findLast(({ agentId }) => agentId !== spare);
  victim?.kill('SIGKILL');
  return victim?.agentId;
}

function merge(results: readonly WorkResult[]): { manifest: Manifest; bytes: number } {
  const manifest = new Map<string, string>();
  let bytes = 0;
  for (const { ok, data } of results) {
    if (!ok) continue;
    const hashed = hashedSchema.parse(data);
    manifest.set(hashed.path, hashed.digest);
    bytes += hashed.bytes;
  }
  return { manifest, bytes };
}

function reasonFor({ results }: Work, paths: readonly string[], path: string): string {
  const failed = results.find(({ requestId, ok }) => !ok && paths[Number(requestId)] === path);
  return failed?.error ? ` (${failed.error.code}: ${failed.error.message})` : '';
}

function renderShares({ fleet }: ShowcaseScene, { results, killed }: Work): string {
  const rows = fleet.agents.map(({ agentId }) => {
    const own = results.filter((result) => result.agentId === agentId && result.ok);
    return [
      agentId,
      own.length,
      own.filter(({ attempts }) => attempts > 1).length,
      agentId === killed ? 'killed' : '',
    ];
  });
  return renderTable({ head: ['agent', 'files', 'taken over', ''], rows, right: [1, 2] });
}
