/** Names of the lines that the goals speak of; a goal whose line is not there says nothing. */
export const lines = {
  multiplexed: 'raw, multiplexed by hand',
  request: 'raw, nc.request',
  moleculer: 'Moleculer, round robin',
  coordinator: 'Nexus, coordinator',
  smart: 'Nexus, smart client',
  gathered: 'Nexus, coordinator, gathered by the client',
  fanOut: 'raw, one publish to a subject of all',
  collect: 'raw, publish and collect',
  separate: 'Nexus, separate agents',
  hosted: 'Nexus, agents on hosts',
} as const;
