import { type MeshStats } from '@nexus/mesh';
import { type Part } from '../cast.js';
import { type Reading } from '../memory/slope.js';
import { type Handed, type SightNews } from './news.js';

/** Figures of the gossip at one moment of a life. */
export interface GossipFigures {
  readonly atMs: number;
  readonly converged: boolean;
  readonly stats: MeshStats;
}

/** One life of a member: from a start of its process to the end of it. Times are of the wall clock, in milliseconds. */
export interface Life extends Part {
  readonly startedAtMs: number;
  /** From when it takes part in the gossip, and under which generation; undefined before. */
  joinedAtMs: number | undefined;
  generation: number | undefined;
  /** Of an agent: from when routing knows it. */
  registeredAtMs: number | undefined;
  /** Undefined while it lasts. */
  endedAtMs: number | undefined;
  /** What it told of others. */
  readonly sights: SightNews[];
  /** The first that it told, and the latest. */
  figures: { readonly first: GossipFigures; readonly latest: GossipFigures } | undefined;
  /** Of an agent: the broadcasts that it was handed, in their order; and how many it gave up. */
  readonly delivered: Handed[];
  givenUp: number;
  /** What the process had of the machine, and what of it the program held, in megabytes. */
  readonly memory: { readonly resident: Reading[]; readonly held: Reading[] };
}

export const newLife = ({ id, role }: Part, startedAtMs: number): Life => ({
  id,
  role,
  startedAtMs,
  joinedAtMs: undefined,
  generation: undefined,
  registeredAtMs: undefined,
  endedAtMs: undefined,
  sights: [],
  figures: undefined,
  delivered: [],
  givenUp: 0,
  memory: { resident: [], held: [] },
});
