import { NodeProcess, type NodeProcessOptions } from '../../processes/node-process.js';
import { isWeighed, type Part } from '../cast.js';
import { type Life, newLife } from './life.js';
import { type News } from './news.js';

const module = (path: string) => new URL(path, import.meta.url).href;
const preloads = [module('./tell-sight.js')];
/**
 * Of those that are weighed the space for what is young has its final size soon: for minutes its growth would look like
 * that of a leak. It costs them many collections, so the others are spared.
 */
const ofWeighed = {
  flags: ['--max-semi-space-size=2', '--expose-gc'],
  preloads: [...preloads, module('./tell-memory.js')],
};
const bytesPerMegabyte = 2 ** 20;

/** A member as a process of its own, and all that its lives told. */
export class MemberProcess {
  readonly lives: Life[] = [];
  private readonly process: NodeProcess;

  constructor(
    readonly part: Part,
    options: Omit<NodeProcessOptions, 'name' | 'preloads'>,
  ) {
    const loaded = isWeighed(part) ? ofWeighed : { preloads };
    this.process = new NodeProcess({ ...options, name: part.id, ...loaded });
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** The life that lasts; undefined while there is none. */
  get life(): Life | undefined {
    const last = this.lives.at(-1);
    return last?.endedAtMs === undefined ? last : undefined;
  }

  async start(): Promise<void> {
    const life = newLife(this.part, Date.now());
    this.lives.push(life);
    await this.process.start((message) => hear(life, message as News));
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    const { life } = this;
    if (life !== undefined) life.endedAtMs = Date.now();
    await this.process.kill();
  }
}

/** What a life says is kept, also what arrives after its end. */
function hear(life: Life, news: News): void {
  switch (news.kind) {
    case 'sight':
      life.joinedAtMs ??= news.atMs;
      life.generation ??= news.generation;
      life.sights.push(news);
      return;
    case 'figures': {
      const { atMs, converged, stats } = news;
      const latest = { atMs, converged, stats };
      life.figures = { first: life.figures?.first ?? latest, latest };
      return;
    }
    case 'registered':
      life.registeredAtMs = news.atMs;
      return;
    case 'delivered':
      life.delivered.push(...news.broadcasts);
      return;
    case 'given_up':
      life.givenUp += news.count;
      return;
    case 'memory':
      life.memory.resident.push({ atMs: news.atMs, value: news.residentBytes / bytesPerMegabyte });
      life.memory.held.push({ atMs: news.atMs, value: news.heldBytes / bytesPerMegabyte });
  }
}
