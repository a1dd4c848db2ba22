import { type Life } from '../members/life.js';

/** What a round of gossip costs one member, over all lives of a kind. */
export interface GossipCost {
  readonly lives: number;
  readonly messagesPerRound: number;
  readonly bytesPerRound: number;
  /** Of the life with the most. */
  readonly bytesPerRoundMax: number;
}

const roundsMin = 5;

export function gossipCost(lives: readonly Life[]): GossipCost {
  const costs = lives.flatMap(({ figures }) => {
    if (figures === undefined) return [];
    const { first, latest } = figures;
    const rounds = latest.stats.roundsSent - first.stats.roundsSent;
    if (rounds < roundsMin) return [];
    const messages = (latest.stats.messagesSent - first.stats.messagesSent) / rounds;
    return [{ messages, bytes: (latest.stats.bytesSent - first.stats.bytesSent) / rounds }];
  });
  const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return {
    lives: costs.length,
    messagesPerRound: median(costs.map(({ messages }) => messages)),
    bytesPerRound: median(costs.map(({ bytes }) => bytes)),
    bytesPerRoundMax: Math.max(0, ...costs.map(({ bytes }) => bytes)),
  };
}

/** What members did not take of each other, by the reason. */
export function refusals(lives: readonly Life[]): Record<string, number> {
  const counts: Record<string, number> = {};
  const add = (reason: string, count: number) => {
    if (count > 0) counts[reason] = (counts[reason] ?? 0) + count;
  };
  for (const { figures } of lives) {
    if (figures === undefined) continue;
    const { refused, malformed, flooded, undelivered, listenerFaults } = figures.latest.stats;
    for (const [reason, count] of Object.entries({
      ...refused,
      malformed,
      flooded,
      undelivered,
      listenerFaults,
    }))
      add(reason, count);
  }
  return counts;
}
