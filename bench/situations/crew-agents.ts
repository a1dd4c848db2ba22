// All crews in one process: each agent does one piece of work after the other, and takes what its plan says.
import { Agent, Connection } from '@nexus/sdk';
import { SeededRandom } from '@nexus/testing';
import { answerParent } from '../processes/parent-line.js';
import { agentIdIn, type CrewPlan, crews, leastFactor } from './crews.js';

/** As many as an agent takes in; it does them one by one. */
const maxConcurrency = 16;

const [, , servers = '', prefix = '', seed = '0'] = process.argv;
const connection = await Connection.open({ servers, name: 'bench crews' });
const random = new SeededRandom(Number(seed), 'service times');

answerParent(async () => {
  const starting = crews.flatMap((plan) =>
    Array.from({ length: plan.agents }, (_, index) =>
      start(plan, index, random.fork(`${plan.crew} ${index}`)),
    ),
  );
  return { agents: (await Promise.all(starting)).length };
});

function start({ crew, serviceMs, stalls }: CrewPlan, index: number, chance: SeededRandom): Promise<Agent> {
  let freeAt = 0;
  const work = async (): Promise<null> => {
    const nowMs = performance.now();
    const stallMs = chance.next() < stalls.share ? stalls.ms : 0;
    const tookMs = serviceMs(index) * (leastFactor + (2 - 2 * leastFactor) * chance.next());
    freeAt = Math.max(freeAt, nowMs) + tookMs + stallMs;
    await new Promise((resolve) => setTimeout(resolve, freeAt - nowMs));
    return null;
  };
  return Agent.start({
    ...{ connection, prefix, maxConcurrency },
    agentId: agentIdIn(crew, index),
    groups: [crew],
    handlers: { task: work },
  });
}
