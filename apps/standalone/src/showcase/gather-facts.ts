import { histogramSchema } from '@nexus/contracts';
import { formatBytes, formatShare, renderTable } from '@nexus/platform/terminal';
import { z } from 'zod';
import { outcomeOf, type ShowcaseScene, type StepOutcome } from './step.js';

/** What the sample agents tell of themselves. */
const factsSchema = z.object({
  pid: z.number(),
  cpu: z.number(),
  memory: z.number(),
  rssBytes: z.number(),
  loadAverage: z.array(z.number()).min(1),
  openHandles: z.number(),
  fileDescriptors: z.number().nullable(),
});

const barChars = 24;

/** Gather: facts of each agent's process and machine, with the mean and the histogram that Nexus makes of one. */
export async function gatherFacts({ client, fleet, say }: ShowcaseScene): Promise<StepOutcome> {
  const target = { group: fleet.group };
  const reply = await client.gather(target, { aggregate: 'mean', field: '/cpu', payload: { ask: 'facts' } });
  const memory = await client.gather(target, { aggregate: 'histogram', field: '/rssBytes' });
  const rows = reply.result.responses.map(({ agentId, data }) => {
    const facts = factsSchema.parse(data);
    return [
      agentId,
      facts.pid,
      formatShare(facts.cpu),
      formatBytes(facts.rssBytes),
      (facts.loadAverage[0] ?? 0).toFixed(2),
      facts.openHandles,
      facts.fileDescriptors ?? '-',
    ];
  });
  say(
    renderTable({
      head: ['agent', 'pid', 'cpu', 'memory', 'load', 'handles', 'files'],
      rows,
      right: [1, 2, 3, 4, 5, 6],
    }),
  );
  const mean = z.number().parse(reply.result.aggregate);
  const histogram = histogramSchema.parse(memory.result.aggregate);
  say(`\nmemory of an agent's process\n${renderHistogram(histogram)}`);
  return outcomeOf(reply, {
    ok: reply.status === 'complete' && memory.status === 'complete' && rows.length === fleet.agents.length,
    finding: `${rows.length} answers, mean cpu ${formatShare(mean)}`,
  });
}

function renderHistogram({ buckets }: z.infer<typeof histogramSchema>): string {
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  return renderTable({
    head: ['from', 'to', 'agents', ''],
    rows: buckets.map(({ from, to, count }) => [
      formatBytes(from),
      formatBytes(to),
      count,
      '█'.repeat(Math.round((count / most) * barChars)),
    ]),
    right: [0, 1, 2],
  });
}
