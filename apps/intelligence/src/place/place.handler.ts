import { NexusError, nodeIdSchema, parse, type PlaceReply, type PlaceRequest } from '@nexus/contracts';
import { LatencyPredictor } from '@nexus/prediction';
import { type RouteFollower } from '@nexus/routes';
import { type ModelsInUse } from '../registry/models-in-use.js';
import { predicted, samplesMin } from './node-figures.js';
import { type PlaceableNode, placeOn } from './placing.js';
import { type RecentWork } from './recent-work.js';

const readyMs = 900;

/** Says which nodes are to host something. */
export class PlaceHandler {
  constructor(
    private readonly follower: RouteFollower,
    private readonly recent: RecentWork,
    private readonly inUse: ModelsInUse,
  ) {}

  /** @throws NexusError `not_found` when none of the nodes has agents, `unavailable` before the routes are known */
  async place({ key, count, nodes: wanted }: PlaceRequest): Promise<PlaceReply> {
    await this.follower.whenReady(readyMs);
    const nodes = await this.figures(wanted);
    if (nodes.length === 0) throw new NexusError('not_found', 'no node that it may go to has agents');
    const { placed, by } = placeOn(nodes, count, key);
    const unknown = nodes.filter(({ samples }) => samples < samplesMin).length;
    const parts = new Map<string, number>();
    for (const node of placed) parts.set(node, (parts.get(node) ?? 0) + 1);
    return {
      placed: placed.map(idOf),
      by,
      reason: reasonFor(by, unknown, nodes.length),
      nodes: nodes.map((one) => ({
        ...{ ...one, node: idOf(one.node) },
        share: (parts.get(one.node) ?? 0) / count,
      })),
    };
  }

  private async figures(wanted: readonly string[] | undefined): Promise<PlaceableNode[]> {
    const agents = new Map<string, number>();
    for (const { node } of this.follower.table.all()) {
      if (node !== undefined && (wanted === undefined || wanted.includes(node))) {
        agents.set(node, (agents.get(node) ?? 0) + 1);
      }
    }
    const { latency } = await this.inUse.current();
    return predicted(
      agents,
      await this.recent.read(),
      latency === null ? undefined : LatencyPredictor.from(latency),
    );
  }
}

function reasonFor(by: PlaceReply['by'], unknown: number, nodes: number): string {
  const tooLittle = `too little is known of ${unknown} of ${nodes} nodes`;
  if (by === 'consistent_hashing') {
    return 2 * unknown > nodes
      ? tooLittle
      : 'there is no model that predicts better than what was measured of late';
  }
  const byModel = 'by what work there is predicted to take, with what was placed there just now';
  return unknown === 0
    ? byModel
    : `${byModel}; ${tooLittle}, which are taken for like the others without load`;
}

const idOf = (node: string) => parse(nodeIdSchema, node, 'node');
