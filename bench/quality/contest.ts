import { type GroundContext } from '../sections/section.js';
import { Child } from '../processes/child.js';
import { capacityPerS, fleet } from './fleet.js';
import {
  type AgentCount,
  type Chooser,
  type ClientOrder,
  type FleetOrder,
  type LoadReply,
  type ProbeReply,
} from './orders.js';

const prefix = 'quality';
/** So many processes hold the fleet together. */
const processes = 4;
const perProcess = fleet.length / processes;
const answersWithinMs = 60_000;

export interface Trial {
  readonly chooser: Chooser;
  /** Share of the capacity, 0 to 1. */
  readonly load: number;
  readonly durationMs: number;
  /** The same for all choosers of a round: the same arrivals, and the same times for the work. */
  readonly seed: number;
}

export interface TrialResult {
  readonly sample: LoadReply;
  readonly counts: readonly AgentCount[];
}

/** The processes of the fleet and of whoever asks. */
export class Contest {
  private readonly agents: readonly Child[];
  private readonly client: Child;
  private fleets = 0;

  constructor({ natsUrl }: GroundContext) {
    this.agents = Array.from(
      { length: processes },
      (_, index) =>
        new Child({
          name: `agents ${index}`,
          entry: 'bench/quality/quality-agents.js',
          args: [natsUrl, prefix, String(index * perProcess), String(perProcess)],
        }),
    );
    this.client = new Child({
      name: 'client',
      entry: 'bench/quality/quality-client.js',
      args: [natsUrl, prefix],
    });
  }

  static readonly prefix = prefix;

  get children(): readonly Child[] {
    return [...this.agents, this.client];
  }

  /** Those of the choosers that this build has. */
  async served(
    choosers: readonly Chooser[],
    onMissing: (chooser: Chooser, why: string) => void,
  ): Promise<Chooser[]> {
    const served: Chooser[] = [];
    const name = await this.form(true, 0);
    for (const chooser of choosers) {
      const reply = (await this.askClient({ kind: 'probe', fleet: name, chooser })) as ProbeReply;
      if (reply.served) served.push(chooser);
      else onMissing(chooser, reply.why);
    }
    await this.tellAgents({ kind: 'disband' });
    return served;
  }

  /** Puts the load on a fleet of which nobody has seen anything before. */
  async run({ chooser, load, durationMs, seed }: Trial): Promise<TrialResult> {
    const name = await this.form(chooser.kind === 'nexus', seed);
    await this.tellAgents({ kind: 'begin', durationMs });
    const ratePerS = load * capacityPerS;
    const order: ClientOrder = { kind: 'load', fleet: name, chooser, ratePerS, durationMs, seed };
    const sample = (await this.askClient(order, durationMs)) as LoadReply;
    const counts = await this.tellAgents({ kind: 'disband' });
    return { sample, counts: (counts as AgentCount[][]).flat() };
  }

  private async form(registered: boolean, seed: number): Promise<string> {
    const name = `fleet-${this.fleets++}`;
    await this.tellAgents({ kind: 'form', fleet: name, registered, seed });
    if (registered) await this.askClient({ kind: 'await', fleet: name, agents: fleet.length });
    return name;
  }

  private tellAgents(order: FleetOrder): Promise<unknown[]> {
    return Promise.all(this.agents.map((child) => child.ask(order, answersWithinMs)));
  }

  private askClient(order: ClientOrder, durationMs = 0): Promise<unknown> {
    return this.client.ask(order, durationMs + answersWithinMs);
  }
}
