import { randomBytes } from 'node:crypto';
import { endpoints, NexusError } from '@nexus/contracts';
import { Caller, type Connection, ReplyInbox } from '@nexus/wire';
import { until } from './nexus-services.js';

const hostId = 'idle-host';
const group = 'idle';
/** As many as one message of a host may name. */
const batch = 1_000;
/** Registrations under way at once, where each agent has its own. */
const joiningMax = 64;
const timeoutMs = 60_000;

/** Agents that are registered, and nothing else: no process is behind them. */
export class IdleFleet {
  private readonly caller: Caller;
  private readonly token = randomBytes(16).toString('base64url');
  private running = 0;

  constructor(
    connection: Connection,
    prefix: string,
    /** Whether a host speaks for all of them, or each for itself. */
    private readonly hosted: boolean,
  ) {
    this.caller = new Caller(connection, new ReplyInbox(connection), prefix);
  }

  /** So many agents are registered when this returns, and the coordinator knows of all. */
  async grow(agents: number): Promise<void> {
    while (this.running < agents) {
      const joining = Math.min(this.hosted ? batch : joiningMax, agents - this.running);
      const ids = Array.from({ length: joining }, (_, offset) => `idle-${this.running + offset}`);
      if (this.hosted) await this.registerAll(ids);
      else await Promise.all(ids.map((agentId) => this.register(agentId)));
      this.running += joining;
    }
    await until(async () => (await this.known()) === agents);
  }

  private async registerAll(ids: readonly string[]): Promise<void> {
    const agents = ids.map((agentId) => ({ agentId, groups: [group] }));
    const body = { token: this.token, agents };
    await this.caller.call(endpoints.hostsRegister, { hostId }, body, { timeoutMs });
  }

  private async register(agentId: string): Promise<void> {
    const body = { token: this.token, groups: [group] };
    await this.caller.call(endpoints.agentsRegister, { agentId }, body, { timeoutMs });
  }

  /** Agents that the coordinator would give work to. */
  private async known(): Promise<number> {
    const goal = { type: 'load_balance', requests: [{ id: 'count' }], dispatch: false } as const;
    try {
      const request = { agents: { group }, goal };
      const { body } = await this.caller.callRaw(endpoints.coordinateAnonymous, {}, request, { timeoutMs });
      return (body['performance'] as { agents: number }).agents;
    } catch (error) {
      if (NexusError.from(error).code === 'not_found') return 0;
      throw error;
    }
  }
}

/** Whether this build lets a host speak for its agents. */
export async function hostsAreServed(connection: Connection, prefix: string): Promise<boolean> {
  const subject = `${prefix}.hosts.register.${hostId}`;
  try {
    await connection.nats.request(subject, '{}', { timeout: 5_000 });
    return true;
  } catch {
    return false;
  }
}
