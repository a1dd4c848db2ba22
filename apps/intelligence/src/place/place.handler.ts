import { NexusError, nodeIdSchema, parse, type PlaceReply, type PlaceRequest } from '@nexus/contracts';
import { medianOf } from '@nexus/core/learning';
import { LatencyPredictor } from '@nexus/prediction';
import { type RouteFollower } from '@nexus/routes';
import { type History } from '../history/history.js';
import { type PastWork } from '../history/told-outcome.js';
import { type ModelsInUse } from '../registry/models-in-use.js';
import { type PlaceableNode, placeOn } from './placing.js';

/** How far back work tells how a node is, in milliseconds, and how much of it is needed. */
const recentMs = 60_000;
const samplesMin = 20;
const readyMs = 900;

/** Says which nodes are to host something. */
export class PlaceHandler {
  constructor(
    private readonly follower: RouteFollower,
    private readonly history: History,
    private readonly inUse: ModelsInUse,
  ) {}

  /** @throws NexusError `not_found` when none of the nodes has agents, `unavailable` before the routes are known */
  async place({ key, count, nodes: wanted }: PlaceRequest): Promise<PlaceReply> {
    await this.follower.whenReady(readyMs);
    const nodes = await this.figures(wanted);
    if (nodes.length === 0) throw new NexusError('not_found', 'no node that it may go to has agents');
    const { placed, by } = placeOn(nodes, count, key);
    const unknown = nodes.filter(({ predictedMs }) => predictedMs === null).length;
    const parts = new Map<string, number>();
    for (const node of placed) parts.set(node, (parts.get(node) ?? 0) + 1);
    return {
      placed: placed.map(idOf),
      by,
      reason:
        by === 'model'
          ? 'by what work there is predicted to take, with what was placed there just now'
          : `too little is known of ${unknown} of ${nodes.length} nodes to predict`,
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
    const work = await this.recentWork();
    const { latency } = await this.inUse.current();
    const predictor = latency === null ? undefined : LatencyPredictor.from(latency);
    return [...agents].map(([node, count]) => {
      const own = work.filter((sample) => sample.node === node);
      const predictedMs = own.length < samplesMin ? null : (predictor?.predict(medianWork(own)) ?? null);
      return { node, agents: count, samples: own.length, predictedMs };
    });
  }

  /** While Redis is away nothing is known, and the hash decides. */
  private async recentWork(): Promise<PastWork[]> {
    try {
      return await this.history.latestWork(recentMs);
    } catch (error) {
      if (NexusError.from(error).code === 'unavailable') return [];
      throw error;
    }
  }
}

/** As the node's agents stood of late. */
function medianWork(work: readonly PastWork[]): PastWork['features'] {
  const median = (name: keyof PastWork['features']) => medianOf(work.map(({ features }) => features[name]));
  return {
    latencyMs: median('latencyMs'),
    inFlight: median('inFlight'),
    occupancy: median('occupancy'),
    reportedLoad: median('reportedLoad'),
  };
}

const idOf = (node: string) => parse(nodeIdSchema, node, 'node');
