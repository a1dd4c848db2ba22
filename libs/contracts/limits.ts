/** Bounds of the wire. Every one is enforced at the edge, before a handler runs. */
export const limits = {
  /** Largest request body that a service accepts, in bytes. */
  requestBytesMax: 256 * 1024,
  /** Deepest nesting of a body, in levels; deeper ones could exhaust the stack of whoever walks them. */
  depthMax: 32,
  /** Longest id, in characters. */
  idCharsMax: 64,
  /** Longest `requestId`, in characters. */
  requestIdCharsMax: 64,
  /** Most agents that one request may name in `agents.ids`. */
  agentIdsMax: 10_000,
  /** Most agents of one `exclusive` request: each costs a lease. */
  exclusiveAgentsMax: 256,
  /** Most units of work in one `load_balance` goal. */
  loadBalanceRequestsMax: 10_000,
  /** Most agents of a gather whose result holds the answers beside an aggregate. */
  aggregateListAgentsMax: 1_000,
  /** Longest affinity key of a unit of work, in characters. */
  affinityCharsMax: 256,
  /** Most options of one proposal. */
  proposalOptionsMax: 64,
  /** Most groups, and most capabilities, of one agent. */
  agentGroupsMax: 32,
  /** Largest `meta` of an agent, in characters of JSON. */
  agentMetaCharsMax: 2_048,
  /** Most agents in one registration or farewell of a host. */
  hostBatchMax: 1_000,
  /** Most agents of one host. */
  hostAgentsMax: 100_000,
  /** Most answers of a host in one message. */
  hostAnswersMax: 10_000,
  /** Most agents that one relay passes a message on to. */
  relayTargetsMax: 1_000,
  /** Longest time-out of a goal, in milliseconds. */
  timeoutMsMax: 600_000,
  /** Time-out of a goal that names none, in milliseconds (the design's 5 s). */
  timeoutMsDefault: 5_000,
  /**
   * How long the outcome of a request is kept for its repeats, in milliseconds: by coordinators, and by the decision log,
   * whose clock never runs ahead.
   */
  idempotencyWindowMs: 120_000,
  /** Most segments of a key of the decision log. */
  keySegmentsMax: 8,
  /** Longest key, in characters: as many segments of the longest form, and the dots between them. */
  keyCharsMax: 8 * 64 + 7,
  /** Time-out of a proposal that names none, in milliseconds (the design's 10 s). */
  proposalTimeoutMsDefault: 10_000,
  /** Shortest and longest time to live of a lease or a candidacy, in milliseconds. */
  leaseTtlMsMin: 100,
  leaseTtlMsMax: 3_600_000,
  /** Time to live of a candidacy that names none, in milliseconds. */
  candidacyTtlMsDefault: 10_000,
  /** Most senders of one channel, and most channels, that a causal stamp or an agent's frontiers may name. */
  frontierEntriesMax: 1_024,
  frontierChannelsMax: 66,
  /** Most broadcasts in one answer to a request for missed ones. */
  repairMessagesMax: 64,
  /** Most entries of an event clock. */
  clockEntriesMax: 1_024,
  /** Most agents in one message about what is in flight. */
  inFlightNewsMax: 4_096,
  /** Most agents that metrics name for an algorithm. */
  metricsAgentsMax: 50,
  /** Most outcomes, and most samples of work, in one report of a coordinator. */
  reportedOutcomesMax: 128,
  reportedWorkMax: 512,
  /** Outcomes, and samples of work, that are learned from at most: the history is no longer. */
  historyMax: 10_000,
  /** Most placements in one request, and most nodes to choose from. */
  placementsMax: 1_000,
  placementNodesMax: 1_000,
  /** Most agents in one page of a list. */
  listLimitMax: 1_000,
} as const;
