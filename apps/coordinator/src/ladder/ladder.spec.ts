import { describe, expect, it } from '@jest/globals';
import {
  type CoordinateRequestInput,
  coordinateRequestSchema,
  type ErrorCode,
  type GoalType,
  type LayerName,
  NexusError,
  parse,
  type StrategyName,
  userIdSchema,
} from '@nexus/contracts';
import { assert } from '@nexus/core/invariant';
import { Coordination } from '../coordination/coordination.js';
import { Deadline } from '../coordination/deadline.js';
import { noParts } from '../coordination/part-sink.js';
import { Ladder } from './ladder.js';
import { type GoalOf, type Layer, type Pattern } from './layer.js';

const agents = { all: true } as const;

function coordinationOf<T extends GoalType>(
  goal: CoordinateRequestInput['goal'] & { type: T },
  maxLayer?: LayerName,
  strategy: StrategyName | null = null,
) {
  const asked = { agents, goal, strategy, ...(maxLayer && { maxLayer }) };
  const request = parse(coordinateRequestSchema, asked, 'request');
  return new Coordination<GoalOf<T>>({
    id: 'c-1',
    user: parse(userIdSchema, 'ann', 'user'),
    request: request as typeof request & { goal: GoalOf<T> },
    targets: { agents: [], unknown: [], selector: request.agents, routes: { version: 1, ageMs: 0 } },
    deadline: new Deadline(request.goal.timeoutMs),
    clock: {},
    traceId: '',
    parts: noParts,
  });
}

type Step = 'plan' | 'execute';

/** A layer that gathers and votes, or fails in a step, and keeps what it did. */
class ScriptedLayer implements Layer {
  readonly steps: string[] = [];
  readonly patterns: Layer['patterns'];

  constructor(
    readonly name: LayerName,
    private readonly failing?: { step: Step; thrown: unknown },
  ) {
    this.patterns = {
      gather: this.pattern<'gather'>({ responses: [], failed: [], missing: [] }),
      consensus: this.pattern<'consensus'>({
        ...{ decided: true, value: 'yes', tally: {}, votes: [], quorum: 1 },
        ...{ failed: [], missing: [] },
      }),
    };
  }

  private pattern<T extends GoalType>(result: ReturnType<Pattern<T>['account']>['result']): Pattern<T> {
    return {
      strategy: 'foundation',
      plan: () => this.step('plan'),
      execute: async () => this.step('execute'),
      account: () => ({ status: 'complete', result }),
    };
  }

  private step(step: Step): void {
    this.steps.push(step);
    if (this.failing?.step === step) throw this.failing.thrown;
  }
}

const fault = (code: ErrorCode) => new NexusError(code, code);

describe('Ladder', () => {
  it('serves at the highest layer, whatever order they were given in', async () => {
    const layers = [
      new ScriptedLayer('foundation'),
      new ScriptedLayer('adaptive'),
      new ScriptedLayer('emergency'),
    ];
    const served = await new Ladder(layers).serve(coordinationOf({ type: 'gather' }), 'gather');
    expect(served).toMatchObject({
      layer: 'adaptive',
      candidates: ['adaptive', 'foundation', 'emergency'],
      fallbacks: [],
    });
    expect(layers.map(({ steps }) => steps)).toEqual([[], ['plan', 'execute'], []]);
  });

  it('serves no higher than the caller allows', async () => {
    const layers = [new ScriptedLayer('foundation'), new ScriptedLayer('performance')];
    const served = await new Ladder(layers).serve(coordinationOf({ type: 'gather' }, 'foundation'), 'gather');
    expect(served).toMatchObject({ layer: 'foundation', candidates: ['foundation'] });
  });

  it('passes over a layer that leaves it to the one below, which is no fall', async () => {
    const higher = new ScriptedLayer('intelligence');
    const ladder = new Ladder([
      new ScriptedLayer('foundation'),
      { name: 'intelligence', patterns: higher.patterns, declines: ({ goal }) => goal.complexity < 5 },
    ]);
    const left = await ladder.serve(coordinationOf({ type: 'gather', complexity: 1 }), 'gather');
    expect(left).toMatchObject({
      layer: 'foundation',
      fallbacks: [],
      candidates: ['intelligence', 'foundation'],
    });
    expect(higher.steps).toEqual([]);
    const taken = await ladder.serve(coordinationOf({ type: 'gather', complexity: 9 }), 'gather');
    expect(taken.layer).toBe('intelligence');
  });

  it('says by which of several ways a layer did it', async () => {
    const { patterns } = new ScriptedLayer('intelligence');
    const gather = patterns.gather!;
    const account: typeof gather.account = (...run) => ({
      ...gather.account(...run),
      strategy: 'hierarchical',
    });
    const ladder = new Ladder([{ name: 'intelligence', patterns: { gather: { ...gather, account } } }]);
    const served = await ladder.serve(coordinationOf({ type: 'gather' }), 'gather');
    expect(served.strategy).toBe('hierarchical');
  });

  it.each<[Step, unknown, ErrorCode]>([
    ['plan', fault('unavailable'), 'unavailable'],
    ['execute', fault('unavailable'), 'unavailable'],
    ['execute', new TypeError('a bug'), 'internal'],
  ])('falls to the next lower layer when one fails in %s, and says why', async (step, thrown, code) => {
    const lower = new ScriptedLayer('foundation');
    const ladder = new Ladder([lower, new ScriptedLayer('performance', { step, thrown })]);
    const served = await ladder.serve(coordinationOf({ type: 'gather' }), 'gather');
    expect(served.layer).toBe('foundation');
    expect(served.fallbacks).toMatchObject([{ layer: 'performance', code }]);
    expect(lower.steps).toEqual(['plan', 'execute']);
  });

  it.each<ErrorCode>([
    ...(['invalid_argument', 'not_found', 'conflict', 'payload_too_large', 'overloaded'] as const),
    'deadline_exceeded',
  ])('does not try a weaker layer after %s, which would fail there too', async (code) => {
    const lower = new ScriptedLayer('foundation');
    const failing = new ScriptedLayer('performance', { step: 'plan', thrown: fault(code) });
    const serving = new Ladder([lower, failing]).serve(coordinationOf({ type: 'gather' }), 'gather');
    await expect(serving).rejects.toMatchObject({ code });
    expect(lower.steps).toEqual([]);
  });

  it('lets no weaker layer decide what a stronger one could not', async () => {
    const lower = new ScriptedLayer('foundation');
    const failing = new ScriptedLayer('performance', { step: 'execute', thrown: fault('unavailable') });
    const goal = { type: 'consensus', proposal: { key: 'k' }, commit: false } as const;
    const serving = new Ladder([lower, failing]).serve(coordinationOf(goal), 'consensus');
    await expect(serving).rejects.toMatchObject({ code: 'unavailable' });
    expect(lower.steps).toEqual([]);
  });

  it.each([
    ['begins no work once more that agents may have begun', true],
    ['falls with work that nobody was sent', false],
  ])('%s', async (_, isSent) => {
    const shared: Pattern<'load_balance'> = {
      strategy: 'foundation',
      plan: () => undefined,
      execute: async () => [],
      account: () => ({ status: 'complete', result: { assignments: [] } }),
    };
    const execute = async (coordination: Coordination) => {
      if (isSent) coordination.noteSent();
      throw fault('internal');
    };
    const ladder = new Ladder([
      { name: 'foundation', patterns: { load_balance: shared } },
      { name: 'performance', patterns: { load_balance: { ...shared, execute } } },
    ]);
    const goal = { type: 'load_balance' as const, requests: [{ id: 'u' }] };
    const serving = ladder.serve(coordinationOf(goal), 'load_balance');
    if (isSent) await expect(serving).rejects.toMatchObject({ code: 'internal' });
    else expect((await serving).layer).toBe('foundation');
  });

  it('hides no broken assumption behind a weaker layer', async () => {
    let defect: unknown;
    try {
      assert(false, 'two and two are four');
    } catch (thrown) {
      defect = thrown;
    }
    const lower = new ScriptedLayer('foundation');
    const failing = new ScriptedLayer('performance', { step: 'execute', thrown: defect });
    const serving = new Ladder([lower, failing]).serve(coordinationOf({ type: 'gather' }), 'gather');
    await expect(serving).rejects.toBe(defect);
    expect(lower.steps).toEqual([]);
  });

  it('fails with what the lowest layer failed with', async () => {
    const ladder = new Ladder([
      new ScriptedLayer('performance', { step: 'plan', thrown: fault('unavailable') }),
      new ScriptedLayer('foundation', { step: 'plan', thrown: fault('overloaded') }),
    ]);
    const serving = ladder.serve(coordinationOf({ type: 'gather' }), 'gather');
    await expect(serving).rejects.toMatchObject({ code: 'overloaded' });
  });

  it('throws what the lowest layer threw, so that a bug keeps its stack', async () => {
    const thrown = new TypeError('a bug');
    const ladder = new Ladder([new ScriptedLayer('foundation', { step: 'execute', thrown })]);
    await expect(ladder.serve(coordinationOf({ type: 'gather' }), 'gather')).rejects.toBe(thrown);
  });

  it.each([
    ['none is low enough', coordinationOf({ type: 'gather' }, 'emergency'), 'gather'],
    ['none has a pattern for the goal', coordinationOf({ type: 'broadcast' }), 'broadcast'],
  ] as const)('is unavailable when %s', async (_, coordination, type) => {
    const ladder = new Ladder([new ScriptedLayer('foundation')]);
    await expect(ladder.serve(coordination as never, type)).rejects.toMatchObject({ code: 'unavailable' });
  });

  describe('a strategy that is asked for by name', () => {
    /** Serves by one way of its own, and by another one by name. */
    const versatile = (thrown?: unknown): Layer & { readonly named: ScriptedLayer } => {
      const named = new ScriptedLayer(
        'performance',
        thrown === undefined ? undefined : { step: 'execute', thrown },
      );
      const byName = { gather: { ...named.patterns.gather!, strategy: 'hierarchical' as const } };
      const { patterns } = new ScriptedLayer('performance');
      return { name: 'performance', patterns, byName: [byName], named };
    };
    const asked = (maxLayer?: LayerName) => coordinationOf({ type: 'gather' }, maxLayer, 'hierarchical');

    it('is served by the layer that has it', async () => {
      const layer = versatile();
      const served = await new Ladder([new ScriptedLayer('foundation'), layer]).serve(asked(), 'gather');
      expect(served).toMatchObject({ layer: 'performance', strategy: 'hierarchical', fallbacks: [] });
      expect(served.candidates).toEqual(['performance', 'foundation']);
      expect(layer.named.steps).toEqual(['plan', 'execute']);
    });

    it('is not taken when it is not', async () => {
      const layer = versatile();
      const served = await new Ladder([layer]).serve(coordinationOf({ type: 'gather' }), 'gather');
      expect(served.strategy).toBe('foundation');
      expect(layer.named.steps).toEqual([]);
    });

    it('falls to the layer below', async () => {
      const ladder = new Ladder([new ScriptedLayer('foundation'), versatile(fault('unavailable'))]);
      const served = await ladder.serve(asked(), 'gather');
      expect(served).toMatchObject({ layer: 'foundation', strategy: 'foundation' });
      expect(served.fallbacks).toMatchObject([{ layer: 'performance', code: 'unavailable' }]);
    });

    it('is unavailable where no layer that may serve has it', async () => {
      const ladder = new Ladder([new ScriptedLayer('foundation'), versatile()]);
      await expect(ladder.serve(asked('foundation'), 'gather')).rejects.toMatchObject({
        code: 'unavailable',
      });
    });
  });
});
