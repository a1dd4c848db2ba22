import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@nexus/testing';
import {
  type AgentFinding,
  type AgentSample,
  type AgentWatchState,
  blankAgentWatch,
  dismissAgent,
  watchAgents,
} from './agent-watch.js';

const settings = { windowMs: 1_000, samplesMin: 10, deviations: 4, holdMs: 1_000, agents: 0 };
const random = new SeededRandom(9);

interface Habit {
  readonly medianMs: number;
  readonly failures?: number;
}

/** A second of work of each agent, ending at `nowMs`. */
function work(nowMs: number, habits: Readonly<Record<string, Habit>>): AgentSample[] {
  return Object.entries(habits).flatMap(([agentId, { medianMs, failures = 0 }]) =>
    Array.from({ length: 20 }, (_, at) => {
      const latencyMs = medianMs * random.between(0.7, 1.4);
      const ok = random.next() >= failures;
      return { agentId, latencyMs, residualLog: Math.log1p(latencyMs), ok, atMs: nowMs - at * 40 };
    }),
  );
}

const fleet = (medianMs: (index: number) => number, size = 10): Record<string, Habit> =>
  Object.fromEntries(Array.from({ length: size }, (_, at) => [`a${at}`, { medianMs: medianMs(at) }]));

/** Looks once a second at agents whose habits may change; what was found each time. */
function watched(
  seconds: number,
  habitsAt: (second: number, state: AgentWatchState) => Record<string, Habit>,
) {
  let state = blankAgentWatch;
  const findings: (readonly AgentFinding[])[] = [];
  for (let second = 1; second <= seconds; second++) {
    const nowMs = second * 1_000;
    const next = watchAgents(state, work(nowMs, habitsAt(second, state)), { ...settings, nowMs });
    state = next.state;
    findings.push(next.findings);
  }
  return { state, findings };
}

const changesOf = (findings: readonly (readonly AgentFinding[])[]) =>
  findings.flat().map(({ agentId, change }) => `${agentId} ${change}`);

describe('watchAgents', () => {
  it('finds the one that becomes slow, with evidence, and lets go of it when it is as before', () => {
    const { state, findings } = watched(8, (second) => ({
      ...fleet(() => 10),
      a3: { medianMs: second === 4 ? 80 : 10 },
    }));
    expect(changesOf(findings)).toEqual(['a3 first', 'a3 cleared']);
    const { evidence } = findings[3]![0]!;
    expect(evidence).toMatchObject({ measure: 'latency', samples: 20 });
    expect(evidence.observed).toBeGreaterThan(50);
    expect(evidence.usual).toBeLessThan(15);
    expect(evidence.deviations).toBeGreaterThan(4);
    expect(state.held).toEqual({});
  });

  it('finds the one that begins to fail', () => {
    const { findings } = watched(5, (second) => ({
      ...fleet(() => 10),
      a3: { medianMs: 10, failures: second >= 4 ? 0.8 : 0 },
    }));
    expect(findings.flat()[0]).toMatchObject({
      agentId: 'a3',
      change: 'first',
      evidence: { measure: 'success' },
    });
  });

  it('has nothing against agents that have always been slow, or that all become slow together', () => {
    expect(watched(10, () => fleet((at) => (at === 0 ? 200 : 10))).findings.flat()).toEqual([]);
    expect(watched(10, () => fleet((at) => 5 * 2 ** (at / 2))).findings.flat()).toEqual([]);
    expect(watched(10, (second) => fleet(() => (second < 5 ? 10 : 60))).findings.flat()).toEqual([]);
  });

  it('gives one nothing that stays slow, looks again, and takes it for usual in the end', () => {
    const { state, findings } = watched(40, (second, { held }) => {
      const habits = { ...fleet(() => 10), a3: { medianMs: second < 4 ? 10 : 80 } };
      // Who is to get nothing does nothing.
      if (held['a3']?.step !== 1) return habits;
      const { a3: _, ...others } = habits;
      return others;
    });
    expect(changesOf(findings)).toEqual([
      ...['a3 first', 'a3 further', 'a3 back', 'a3 further', 'a3 back', 'a3 further', 'a3 back'],
      'a3 rebased',
    ]);
    expect(state.held).toEqual({});
    expect(state.usual['a3']!.latencyMs).toBeGreaterThan(50);
  });

  it('never holds more than a fifth of all', () => {
    const { state } = watched(5, (second) => fleet((at) => (second >= 4 && at < 4 ? 200 : 10)));
    expect(Object.keys(state.held)).toHaveLength(2);
  });

  it('holds nothing against one that was dismissed, for as long', () => {
    let { state } = watched(5, (second) => ({ ...fleet(() => 10), a3: { medianMs: second < 4 ? 10 : 80 } }));
    expect(state.held).toHaveProperty('a3');
    state = dismissAgent(state, 'a3', 8_000);
    expect(state.held).toEqual({});
    const look = (nowMs: number) => {
      const samples = work(nowMs, { ...fleet(() => 10), a3: { medianMs: 80 } });
      return watchAgents(state, samples, { ...settings, nowMs });
    };
    expect(look(7_000).findings).toEqual([]);
    expect(look(8_000).findings).toMatchObject([{ agentId: 'a3', change: 'first' }]);
  });

  it('judges nobody by a few samples, and none of two by the other', () => {
    const few = work(
      1_000,
      fleet(() => 10),
    ).filter((_, at) => at % 3 === 0);
    expect(watchAgents(blankAgentWatch, few, { ...settings, nowMs: 1_000 }).state.usual).toEqual({});
    const pair = (second: number) => fleet((at) => (second >= 4 && at === 0 ? 200 : 10), 2);
    expect(watched(8, pair).findings.flat()).toEqual([]);
  });
});
