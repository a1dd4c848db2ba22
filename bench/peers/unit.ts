/** A unit of work: about 200 B of JSON, which whoever does it sends back. */
export interface Unit {
  readonly index: number;
  readonly text: string;
}

/** Units in one batch, for each agent: a thousand for forty, which is about as much as one request may weigh. */
export const unitsPerAgent = 25;

/** Units under way at one agent, so many at most: of Nexus because it says so, by hand because there are so many lanes. */
export const agentWindow = 64;

const text = 'x'.repeat(176);
let index = 0;

export const nextUnit = (): Unit => ({ index: index++, text });

/** A told message: which one of how many agents, so that these can say when all have it. */
export interface Telling {
  readonly round: number;
  readonly agents: number;
}

let round = 0;

export const nextTelling = (agents: number): Telling => ({ round: round++, agents });
