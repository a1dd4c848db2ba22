import { NodeProcess, type NodeProcessOptions } from '../../processes/node-process.js';
import { type StallNews } from './watch-stalls.js';

const watchStalls = new URL('./watch-stalls.js', import.meta.url).href;

/** The consensus service as a process of its own, which tells for how long it stood still. */
export class ReplicaProcess extends NodeProcess {
  /** For how long its event loop stood still, at the longest, as it told each second. */
  longestStallMs = 0;

  constructor(options: Omit<NodeProcessOptions, 'entry' | 'preloads'>) {
    super({ ...options, entry: 'apps/consensus/src/main.js', preloads: [watchStalls] });
  }

  override start(): Promise<void> {
    return super.start((message) => {
      this.longestStallMs = Math.max(this.longestStallMs, (message as StallNews).stallMs);
    });
  }
}
