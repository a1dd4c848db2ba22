import { type CoordinateReply } from '@nexus/contracts';

/** The share of the agents, or of the units of work, that did their part, 0 to 1; of what was waited for. */
export function successOf({ type, result, performance: { agents } }: CoordinateReply): number {
  switch (type) {
    case 'broadcast':
      return share(result.acknowledged ?? result.delivered, agents);
    case 'gather':
      // Beyond a thousand agents answers are not kept beside an aggregate; who failed is named all the same.
      return share(agents - result.failed.length - result.missing.length, agents);
    case 'consensus':
      return share(result.votes.length, agents);
    case 'load_balance':
      return share(result.results?.filter(({ ok }) => ok).length ?? 0, result.results?.length ?? 0);
  }
}

const share = (done: number, of: number): number => (of <= 0 ? 1 : Math.min(1, Math.max(0, done / of)));
