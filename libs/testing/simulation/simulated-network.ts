import { type Coverage } from './coverage.js';
import { once } from './once.js';
import { type SeededRandom } from './seeded-random.js';
import { type Timeline } from './timeline.js';

/** How links treat what they carry. */
export interface LinkQuality {
  readonly lossChance: number;
  /** The copy comes late. */
  readonly duplicateChance: number;
  /** The message comes late, behind what was sent after it. */
  readonly reorderChance: number;
  readonly delayMsMin: number;
  readonly delayMsMax: number;
  /** Of copies and of messages out of order. */
  readonly lateMsMax: number;
}

interface Link {
  readonly random: SeededRandom;
  /** Faults that cut it at present; they may overlap. */
  cuts: number;
  /** What is not reordered never overtakes: a connection keeps its order. */
  lastArrivalMs: number;
}

interface Address {
  readonly from: string;
  readonly to: string;
}

export interface Envelope<M> extends Address {
  readonly message: M;
}

interface SimulatedNetworkOptions<M> {
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly coverage: Coverage;
  readonly quality: LinkQuality;
  readonly deliver: (envelope: Envelope<M>) => void;
}

/**
 * Carries messages between named nodes: at most once, save when it duplicates. What is under way when a link is cut
 * still arrives; that is how old messages meet a new world.
 */
export class SimulatedNetwork<M> {
  private readonly links = new Map<string, Map<string, Link>>();
  /** The latest storm rules; the first is the weather without one. */
  private readonly qualities: LinkQuality[];
  private generation = 0;

  constructor(private readonly options: SimulatedNetworkOptions<M>) {
    this.qualities = [options.quality];
  }

  send(envelope: Envelope<M>): void {
    const { timeline, coverage, deliver } = this.options;
    const { generation } = this;
    const arrive = () => {
      if (generation === this.generation) deliver(envelope);
    };
    const link = this.link(envelope);
    const quality = this.qualities.at(-1)!;
    if (link.cuts > 0) {
      coverage.count('network: cut off');
      return;
    }
    if (link.random.chance(quality.lossChance)) {
      coverage.count('network: lost');
      return;
    }
    const delayMs = link.random.between(quality.delayMsMin, quality.delayMsMax);
    const late = () => delayMs + link.random.between(0, quality.lateMsMax);
    if (link.random.chance(quality.duplicateChance)) {
      coverage.count('network: duplicated');
      timeline.after(late(), arrive);
    }
    if (link.random.chance(quality.reorderChance)) {
      coverage.count('network: reordered');
      timeline.after(late(), arrive);
      return;
    }
    link.lastArrivalMs = Math.max(link.lastArrivalMs, timeline.nowMs + delayMs);
    timeline.after(link.lastArrivalMs - timeline.nowMs, arrive);
  }

  /** All that is under way is lost. */
  loseAll(): void {
    this.generation++;
  }

  /** Cuts one direction of one link until the returned function is called. */
  cut(address: Address): () => void {
    const link = this.link(address);
    link.cuts++;
    return once(() => link.cuts--);
  }

  /** Other weather until the returned function is called. */
  degrade(quality: LinkQuality): () => void {
    // Of its own, so that two storms alike are two.
    const storm = { ...quality };
    this.qualities.push(storm);
    return once(() => this.qualities.splice(this.qualities.indexOf(storm), 1));
  }

  private link({ from, to }: Address): Link {
    let leaving = this.links.get(from);
    if (!leaving) this.links.set(from, (leaving = new Map<string, Link>()));
    let link = leaving.get(to);
    if (!link) {
      link = { random: this.options.random.fork(`${from}>${to}`), cuts: 0, lastArrivalMs: 0 };
      leaving.set(to, link);
    }
    return link;
  }
}
