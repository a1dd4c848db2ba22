import { type PlaceReply } from '@nexus/contracts';
import { type Colours, formatDuration, formatShare, renderTable } from '@nexus/platform/terminal';
import { renderFacts } from '../consensus/facts.js';

const by: Readonly<Record<PlaceReply['by'], string>> = {
  model: 'the model of how long work takes',
  consistent_hashing: 'consistent hashing with bounded loads',
};

/** Where things go for people: a line a node. Programs get the node of each. */
export function renderPlacement(reply: PlaceReply, paint: Colours): string {
  const { placed, reason, nodes } = reply;
  const counts = new Map<string, number>();
  for (const node of placed) counts.set(node, (counts.get(node) ?? 0) + 1);
  const facts = renderFacts(
    [
      ['by', by[reply.by]],
      ['why', reason],
    ],
    paint,
  );
  const table = renderTable({
    head: ['NODE', 'PLACED', 'SHARE', 'AGENTS', 'WORK TAKES', 'SAMPLES'],
    right: [1, 2, 3, 4, 5],
    rows: nodes.map(({ node, agents, predictedMs, samples, share }) => [
      node,
      counts.get(node) ?? 0,
      formatShare(share),
      agents,
      predictedMs === null ? '-' : formatDuration(predictedMs),
      samples,
    ]),
    colours: paint,
  });
  return `${facts}\n\n${table}`;
}
