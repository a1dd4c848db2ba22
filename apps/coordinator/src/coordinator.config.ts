import { type ConfigOf, integerField, loadConfig, redisFields, serviceFields } from '@nexus/platform/config';

export const coordinatorFields = {
  ...serviceFields,
  ...redisFields,
  agentWindow: integerField('NEXUS_AGENT_WINDOW', {
    means: 'Work that one request keeps under way at an agent that declared no maxConcurrency.',
    trades: 'More keeps fast agents busy; less is lost when an agent dies.',
    min: 1,
    max: 10_000,
    default: 16,
  }),
};

export type CoordinatorConfig = ConfigOf<typeof coordinatorFields>;

/** @throws NexusError `invalid_argument` naming every faulty variable */
export const loadCoordinatorConfig = (env = process.env): CoordinatorConfig =>
  loadConfig({ service: 'coordinator', fields: coordinatorFields, env });
