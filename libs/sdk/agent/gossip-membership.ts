import { NexusError } from '@nexus/contracts';
import { MeshMember } from '@nexus/mesh';
import { type Connection } from '@nexus/wire';
import { type HeldConnection, holdConnection } from '../connection/connection-source.js';
import { type AgentGossipOptions, type AgentOptions } from './agent-options.js';
import { LoopLag } from './loop-lag.js';
import { processLoad } from './process-load.js';

/** As of the services. */
const roundMsMin = 20;
const roundMsMax = 60_000;

/** An agent as a member of the gossip: a leaf, which speaks for itself alone. */
export class GossipMembership {
  private constructor(
    readonly mesh: MeshMember,
    private readonly held: HeldConnection,
    private readonly lag: LoopLag,
  ) {}

  /** @throws NexusError `invalid_argument` for a round that no member can have */
  static assertOptions({ gossip }: AgentOptions): void {
    const { roundMs = roundMsMin }: AgentGossipOptions = gossip === true ? {} : (gossip ?? {});
    if (Number.isInteger(roundMs) && roundMs >= roundMsMin && roundMs <= roundMsMax) return;
    const why = `gossip.roundMs: must be a whole number from ${roundMsMin} to ${roundMsMax}`;
    throw new NexusError('invalid_argument', why);
  }

  /**
   * Takes part, if the options say so.
   * @throws NexusError `unavailable` when NATS cannot be reached, `invalid_argument` without a connection for it
   */
  static async start(options: AgentOptions, prefix: string): Promise<GossipMembership | undefined> {
    const { gossip, agentId } = options;
    if (gossip === undefined) return undefined;
    const { connection, roundMs }: AgentGossipOptions = gossip === true ? {} : gossip;
    const held = await connectionFor(options, connection);
    const lag = new LoopLag();
    try {
      const mesh = await MeshMember.start({
        connection: held.connection,
        prefix,
        self: { id: agentId, kind: 'agent' },
        vitals: () => ({ ...processLoad.read(), loopLagMs: lag.read() }),
        ...(roundMs !== undefined && { settings: { roundMs } }),
      });
      return new GossipMembership(mesh, held, lag);
    } catch (error) {
      if (held.owned) await held.connection.close();
      throw error;
    }
  }

  /** Says goodbye, and closes the connection if it is the agent's own. */
  async leave(): Promise<void> {
    await this.mesh.leave();
    this.lag.stop();
    if (this.held.owned) await this.held.connection.close();
  }
}

async function connectionFor(
  options: AgentOptions,
  connection: Connection | undefined,
): Promise<HeldConnection> {
  if (connection) return { connection, owned: false };
  if (options.connection) {
    const why = 'gossip: name a connection for it; the one of the messages must not hold it up';
    throw new NexusError('invalid_argument', why);
  }
  return holdConnection(options, `agent ${options.agentId} mesh`);
}
