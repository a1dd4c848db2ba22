// The process that asks all crews at once, at moments drawn beforehand.
import { SeededRandom } from '@nexus/testing';
import { Connection } from '@nexus/wire';
import { type Ending, openLoop } from '../measure/open-loop.js';
import { NexusCaller } from '../nexus-caller.js';
import { answerParent } from '../processes/parent-line.js';
import {
  type CrewPlan,
  crews,
  type CrewSample,
  type LoadOrder,
  type LoadReply,
  unitTimeoutMs,
} from './crews.js';

const [, , servers = '', prefix = ''] = process.argv;
const connection = await Connection.open({ servers, name: 'bench crew client' });
const nexus = new NexusCaller(connection, prefix);

interface Reply {
  readonly explain: { readonly balancing?: { readonly algorithm: string } };
  readonly result: { readonly results: readonly { readonly ok: boolean }[] };
}

answerParent(async (message): Promise<LoadReply> => {
  const order = message as LoadOrder;
  return { samples: await Promise.all(crews.map((plan) => ask(plan, order))) };
});

async function ask(
  { crew, ratePerS }: CrewPlan,
  { maxLayer, durationMs, seed }: LoadOrder,
): Promise<CrewSample> {
  const random = new SeededRandom(seed, `arrivals ${crew}`);
  const choices: Record<string, number> = {};
  const once = async (index: number): Promise<Ending> => {
    try {
      const reply = (await nexus.coordinateAnyhow({
        agents: { group: crew },
        goal: {
          ...{ type: 'load_balance', algorithm: 'adaptive', timeoutMs: unitTimeoutMs },
          requests: [{ id: `${crew}-${index}` }],
        },
        maxLayer,
      })) as unknown as Reply;
      const choice = reply.explain.balancing?.algorithm ?? 'none';
      choices[choice] = (choices[choice] ?? 0) + 1;
      return reply.result.results[0]?.ok ? 'done' : 'failed';
    } catch {
      return 'failed';
    }
  };
  const { latenciesMs, endings } = await openLoop(once, {
    ratePerS,
    durationMs,
    random: () => random.next(),
  });
  return { crew, latenciesMs, notDone: endings.failed + endings.expired, choices };
}
