import { type CausalStamp, type Frontiers } from '@nexus/contracts';
import { type Body, type Delivery } from '../support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';

/** Two coordinators, and agents of which a test decides every byte. */
export interface CausalScene extends ScriptedStack {
  /** Asks for a broadcast in causal order; what it was stamped with, beside the whole result. */
  tell(
    goal?: Body,
    more?: Body,
  ): Promise<{ readonly stamp: CausalStamp; readonly result: Body; readonly reply: Body }>;
}

export async function startCausalScene(
  options: NonNullable<Parameters<typeof startScriptedStack>[0]> = {},
): Promise<CausalScene> {
  const scene = await startScriptedStack({ coordinators: 2, ...options });
  return {
    ...scene,
    tell: async (goal = {}, more = {}) => {
      const { reply, result } = await scene.fleet.coordinate({
        agents: { group: 'workers' },
        goal: { type: 'broadcast', ordering: 'causal', ...goal },
        ...more,
      });
      return { stamp: result['causal'] as CausalStamp, result, reply };
    },
  };
}

/** Where a message stands. */
export const stampOf = ({ body }: Delivery): CausalStamp => body['causal'] as CausalStamp;

/** How far a frontier goes; 0 where it names nobody. */
export const seenIn = (frontiers: Frontiers, channel: string, sender: string): number =>
  (frontiers as Readonly<Record<string, Readonly<Record<string, number>>>>)[channel]?.[sender] ?? 0;

/** Answers an acknowledgement with what the agent says to have seen. */
export const acknowledge = ({ agentId, raw }: Delivery, seen: Body = {}): void => {
  raw(JSON.stringify({ agentId, ok: true, data: null, ...seen }));
};
