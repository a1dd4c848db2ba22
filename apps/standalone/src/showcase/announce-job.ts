import { outcomeOf, type ShowcaseScene, type StepOutcome } from './step.js';

/** Broadcast: every agent is told what the job is, and says that it knows. */
export async function announceJob({ client, fleet, files }: ShowcaseScene): Promise<StepOutcome> {
  const reply = await client.broadcast(
    { group: fleet.group },
    {
      payload: { job: 'hash files', files: files.paths.length, root: files.root },
      delivery: 'acknowledged',
    },
  );
  const { acknowledged = 0, targeted } = reply.result;
  return outcomeOf(reply, {
    ok: reply.status === 'complete' && targeted === fleet.agents.length,
    finding: `${acknowledged} of ${targeted} agents acknowledged`,
  });
}
