import { setTimeout as pause } from 'node:timers/promises';
import { NexusError, type NexusClient } from '@nexus/sdk';
import { type Asked } from './asked.js';
import { type Broadcast, fleetGroup } from './broadcast.js';

type Answer = Partial<Pick<Asked, 'answered' | 'number'>>;

/** Between two requests of a kind: each wakes every agent, and more of them share two cores than any machine runs. */
const restMs = { gather: 3_000, broadcast: 2_000, decision: 1_000 } as const;
const timeoutMs = 2_000;
const decisionTimeoutMs = 10_000;
const keys = 64;

/** Asks all agents, tells them numbers in causal order, and commits decisions, each kind one request after the other. */
export class SteadyLoad {
  readonly asked: Asked[] = [];
  private readonly lanes: Promise<void>[];
  private stopping = false;
  private broadcasts = 0;
  private decisions = 0;

  constructor(private readonly client: NexusClient) {
    this.lanes = [
      this.lane('gather', () => this.gather()),
      this.lane('broadcast', () => this.broadcast()),
      this.lane('decision', () => this.decide()),
    ];
  }

  /** Resolves when the last answer is in. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.lanes);
  }

  private async lane(kind: Asked['kind'], ask: () => Promise<Answer>): Promise<void> {
    while (!this.stopping) {
      const startedAtMs = Date.now();
      let error: string | null = null;
      let answer: Answer = {};
      try {
        answer = await ask();
      } catch (fault) {
        error = NexusError.from(fault).code;
      }
      const { answered = [], number = 0 } = answer;
      this.asked.push({ kind, startedAtMs, endedAtMs: Date.now(), error, answered, number });
      await pause(restMs[kind]);
    }
  }

  private async gather(): Promise<Answer> {
    const { result } = await this.client.gather({ group: fleetGroup }, { timeoutMs });
    return { answered: result.responses.map(({ agentId }) => agentId) };
  }

  private async broadcast(): Promise<Answer> {
    this.broadcasts += 1;
    const payload: Broadcast = { number: this.broadcasts };
    await this.client.broadcast({ group: fleetGroup }, { payload, ordering: 'causal', timeoutMs });
    return { number: payload.number };
  }

  private async decide(): Promise<Answer> {
    this.decisions += 1;
    const key = `steady.${this.decisions % keys}`;
    await this.client.propose({ type: 'put', key, value: this.decisions }, { timeoutMs: decisionTimeoutMs });
    return {};
  }
}
