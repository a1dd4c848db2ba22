// A process of several workers, which speak the wire by hand: what they say of their load is theirs to say.
import { randomBytes } from 'node:crypto';
import { connect, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { SeededRandom } from '@nexus/testing';
import { answerParent } from '../processes/parent-line.js';
import { fleet as plans, unitTimeoutMs } from './fleet.js';
import { type AgentCount, agentIdIn, type FleetOrder, fleetSubjects, settledAfterMs } from './orders.js';
import { Worker } from './worker.js';

/** What a message of Nexus has, and one by hand has too as far as it matters. */
interface Asked {
  readonly kind?: string;
  readonly budgetMs?: number;
}

/** As many as an agent of the SDK takes unless told otherwise: more than it does at once, as in life. */
const maxConcurrency = 16;
const registerTimeoutMs = 5_000;

const [, , servers = '', prefix = '', firstIndex = '0', agents = '0'] = process.argv;
const nats = await connect({ servers, name: 'bench quality agents' });
const mine = plans.slice(Number(firstIndex), Number(firstIndex) + Number(agents));
let members: Member[] = [];

class Member {
  private readonly subscriptions: Subscription[] = [];
  private readonly token = randomBytes(16).toString('base64url');
  private heartbeat: NodeJS.Timeout | undefined;
  private beganAt = Infinity;
  private units = 0;
  private unitsSettled = 0;
  private readonly agentId: string;

  constructor(
    private readonly connection: NatsConnection,
    private readonly fleet: string,
    private readonly worker: Worker,
  ) {
    const { index } = worker.plan;
    this.agentId = agentIdIn(fleet, index);
    const callback = (_: Error | null, message: Msg) => this.receive(message);
    this.subscriptions.push(
      connection.subscribe(fleetSubjects.any(fleet), { queue: 'q', callback }),
      connection.subscribe(fleetSubjects.agent(fleet, index), { callback }),
      connection.subscribe(`${prefix}.agent.${this.agentId}`, { callback }),
    );
  }

  async register(): Promise<void> {
    const { heartbeatMs } = await this.tell('register', { groups: [this.fleet], maxConcurrency });
    this.heartbeat = setInterval(() => {
      const body = JSON.stringify({ token: this.token, ...this.worker.load() });
      this.connection.publish(`${prefix}.agents.heartbeat.${this.agentId}`, body);
    }, heartbeatMs);
  }

  begin(durationMs: number): void {
    this.beganAt = performance.now();
    [this.units, this.unitsSettled] = [0, 0];
    this.worker.begin(durationMs);
  }

  async leave(): Promise<AgentCount> {
    clearInterval(this.heartbeat);
    if (this.heartbeat) await this.tell('deregister', {});
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.worker.stop();
    return { index: this.worker.plan.index, units: this.units, unitsSettled: this.unitsSettled };
  }

  private receive(message: Msg): void {
    const { kind = 'task', budgetMs = unitTimeoutMs } = message.json<Asked>();
    if (kind !== 'task') {
      this.answer(message, 'done');
      return;
    }
    const nowMs = performance.now();
    this.units += 1;
    if (nowMs - this.beganAt >= settledAfterMs) this.unitsSettled += 1;
    this.worker.take({
      expiresAt: nowMs + budgetMs,
      finish: (outcome) => this.answer(message, outcome),
    });
  }

  private answer(message: Msg, outcome: 'done' | 'failed'): void {
    const { agentId } = this;
    const load = this.worker.load();
    const body =
      outcome === 'done'
        ? { agentId, ok: true, data: null, load }
        : { agentId, ok: false, error: { code: 'internal', message: 'it always fails' }, load };
    message.respond(JSON.stringify(body));
  }

  private async tell(verb: string, body: object): Promise<{ heartbeatMs: number }> {
    const reply = await this.connection.request(
      `${prefix}.agents.${verb}.${this.agentId}`,
      JSON.stringify({ token: this.token, ...body }),
      { timeout: registerTimeoutMs },
    );
    const answer = reply.json<{ error?: { message: string }; heartbeatMs: number }>();
    if (answer.error) throw new Error(answer.error.message);
    return answer;
  }
}

answerParent(async (message) => {
  const order = message as FleetOrder;
  switch (order.kind) {
    case 'form': {
      const random = new SeededRandom(order.seed, 'service times');
      members = mine.map(
        (plan) => new Member(nats, order.fleet, new Worker(plan, random.fork(String(plan.index)))),
      );
      await nats.flush();
      if (order.registered) await Promise.all(members.map((member) => member.register()));
      return { formed: members.length };
    }
    case 'begin':
      for (const member of members) member.begin(order.durationMs);
      return order;
    case 'disband':
      return Promise.all(members.map((member) => member.leave()));
  }
});
