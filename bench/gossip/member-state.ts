/** What each member tells of itself, as a service of Nexus does. */
export function stateOf(index: number): Record<string, string> {
  return {
    service: JSON.stringify(['coordinator', 'routing', 'consensus', 'gossip'][index % 4]),
    version: JSON.stringify('0.1.0'),
    routes: JSON.stringify(`${'f'.repeat(20)}:${10_000 + index}`),
    leader: JSON.stringify({ leader: 'consensus-2', term: 17, index: 120_000 + index }),
  };
}

export const vitalsOf = (index: number): string =>
  JSON.stringify({ cpu: (index % 100) / 100, memory: 0.25, loopLagMs: 1.25, rttMs: 0.61 });

export const memberName = (index: number): string => `coordinator-${index}`;

/** What a later change is put under. */
export const newsKey = 'news';
