/** The leases that a request holds on the agents that it is for. */
export interface AgentLeases {
  /**
   * What a message to the agent must carry; undefined when the request is not exclusive.
   * @throws NexusError `conflict` when the lease has run out, by our own clock
   */
  tokenOf(agentId: string): number | undefined;
}

/** Of a request that is not exclusive. */
export const noLeases: AgentLeases = { tokenOf: () => undefined };
