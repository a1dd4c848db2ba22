import { describe, expect, it } from '@jest/globals';
import { type AgentId } from '@nexus/contracts';
import { SeededRandom } from '@nexus/testing';
import {
  type AgentFinding,
  type AgentSample,
  type AgentWatchState,
  blankAgentWatch,
  dismissAgent,
  watchAgents,
} from './agent-watch.js';
import { ordersOf } from './orders.js';
import { blankWatch, readWatchState, writeWatchState } from './watch-state.js';
import { dismiss } from './watch-step.js';

const settings = { windowMs: 1_000, keptMs: 1_000, samplesMin: 10, deviations: 4, holdMs: 1_000, agents: 0 };
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
      const residualLog = Math.log1p(latencyMs);
      return { agentId, latencyMs, residualLog, against: 'none', ok, atMs: nowMs - at * 40 };
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
    expect(state.held.size).toBe(0);
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
      if (held.get('a3')?.step !== 1) return habits;
      const { a3: _, ...others } = habits;
      return others;
    });
    expect(changesOf(findings)).toEqual([
      ...['a3 first', 'a3 further', 'a3 back', 'a3 further', 'a3 back', 'a3 further', 'a3 back'],
      'a3 rebased',
    ]);
    expect(state.held.size).toBe(0);
    expect(state.usual.get('a3')!.latencyMs).toBeGreaterThan(50);
  });

  it('never holds more than a fifth of all', () => {
    const { state } = watched(5, (second) => fleet((at) => (second >= 4 && at < 4 ? 200 : 10)));
    expect(state.held.size).toBe(2);
  });

  it('counts those that did work of late, and not all there are', () => {
    let state = blankAgentWatch;
    for (let second = 1; second <= 5; second++) {
      const nowMs = second * 1_000;
      const habits = fleet((at) => (second >= 4 && at < 2 ? 200 : 10), 5);
      ({ state } = watchAgents(state, work(nowMs, habits), { ...settings, nowMs, agents: 100 }));
    }
    expect(state.held.size).toBe(1);
    // Who waits for room is not taken for usual meanwhile.
    expect([...state.usual.values()].filter(({ latencyMs }) => latencyMs > 15)).toEqual([]);
  });

  describe('of one that was dismissed', () => {
    const slow = { ...fleet(() => 10), a3: { medianMs: 80 } };
    const dismissed = (quietMs: number) => {
      const { state } = watched(5, (second) => (second < 4 ? fleet(() => 10) : slow));
      expect(state.held.has('a3')).toBe(true);
      return dismissAgent(state, 'a3', 5_000 + quietMs);
    };
    const looks = (from: AgentWatchState, seconds: number) => {
      let state = from;
      return Array.from({ length: seconds }, (_, at) => {
        const nowMs = 6_000 + at * 1_000;
        const next = watchAgents(state, work(nowMs, slow), { ...settings, nowMs });
        state = next.state;
        return next.findings;
      }).flat();
    };

    it('holds nothing against it for so long', () => {
      expect(dismissed(3_000).held.size).toBe(0);
      expect(looks(dismissed(3_000), 2)).toEqual([]);
      expect(looks(dismissed(3_000), 3)).toMatchObject([{ agentId: 'a3', change: 'first' }]);
    });

    it('learns meanwhile that it is usual', () => {
      expect(looks(dismissed(40_000), 60)).toEqual([]);
    });
  });

  it('has nothing against anybody because something else predicts', () => {
    let state = blankAgentWatch;
    const findings = Array.from({ length: 12 }, (_, at) => {
      const nowMs = (at + 1) * 1_000;
      const isModel = at >= 6;
      // The model knows of half of them that they are slow, and expects them to be fast.
      const samples = work(
        nowMs,
        fleet((index) => (index < 3 ? 100 : 10)),
      ).map((sample) =>
        isModel
          ? { ...sample, against: '1', residualLog: sample.residualLog - (sample.latencyMs > 50 ? 0 : 2.4) }
          : sample,
      );
      const next = watchAgents(state, samples, { ...settings, nowMs });
      state = next.state;
      return next.findings;
    });
    expect(findings.flat()).toEqual([]);
  });

  it('still finds who becomes slow just as something else predicts, and nobody who is as fast as before', () => {
    const { state } = watched(5, () => fleet(() => 10));
    const look = (medianMs: number, more: number, against: string) => {
      const samples = work(6_000, { ...fleet(() => 10), a3: { medianMs } });
      const residual = ({ agentId, residualLog }: AgentSample) => residualLog + (agentId === 'a3' ? more : 0);
      const measured = samples.map((sample) => ({ ...sample, against, residualLog: residual(sample) }));
      return watchAgents(state, measured, { ...settings, nowMs: 6_000 }).findings;
    };
    expect(look(80, 0, '1')).toMatchObject([{ agentId: 'a3', change: 'first' }]);
    expect(look(10, 2, 'none')).toEqual([]);
  });

  it('takes older work of one that does little, and says of how many too little is known', () => {
    const lately = (nowMs: number) =>
      work(
        nowMs,
        fleet(() => 10),
      ).filter(({ agentId, atMs }) => agentId !== 'a3' || (nowMs - atMs) % 160 === 0);
    const past = Array.from({ length: 6 }, (_, at) => (at + 1) * 1_000);
    const samples = past.flatMap(lately);
    const short = watchAgents(blankAgentWatch, samples, { ...settings, nowMs: 6_000, agents: 10 });
    expect([short.unjudged, short.state.usual.has('a3')]).toEqual([1, false]);
    const long = watchAgents(blankAgentWatch, samples, { ...settings, nowMs: 6_000, keptMs: 5_000 });
    expect([long.unjudged, long.state.usual.has('a3')]).toEqual([0, true]);
  });

  it('judges agents by any name', () => {
    const names = ['constructor', 'valueOf', '__proto__', 'toString', 'hasOwnProperty'];
    const habits = (medianMs: number): Record<string, Habit> =>
      Object.fromEntries([
        ...Object.entries(fleet(() => 10)),
        ...names.map((name): [string, Habit] => [name, { medianMs: name === '__proto__' ? medianMs : 10 }]),
      ]);
    const { state, findings } = watched(5, (second) => habits(second < 4 ? 10 : 80));
    expect(changesOf(findings)).toEqual(['__proto__ first', '__proto__ further']);
    const watch = { ...blankWatch, agents: dismissAgent(state, 'constructor', 9_000) };
    expect(readWatchState(writeWatchState(watch)).agents.held).toEqual(state.held);
    expect([...readWatchState(writeWatchState(watch)).agents.usual.keys()]).toEqual([...state.usual.keys()]);
    expect(ordersOf(watch, 6_000).probation).toMatchObject([{ agentId: '__proto__', share: 0 }]);
    expect(dismiss(watch, { agentId: 'valueOf' as AgentId }, { nowMs: 6_000, quietMs: 1 })).toBeUndefined();
    expect(dismiss(watch, { agentId: '__proto__' as AgentId }, { nowMs: 6_000, quietMs: 1 })).toBeDefined();
  });

  it('judges nobody by a few samples, and none of two by the other', () => {
    const few = work(
      1_000,
      fleet(() => 10),
    ).filter((_, at) => at % 3 === 0);
    expect(watchAgents(blankAgentWatch, few, { ...settings, nowMs: 1_000 }).state.usual.size).toBe(0);
    const pair = (second: number) => fleet((at) => (second >= 4 && at === 0 ? 200 : 10), 2);
    expect(watched(8, pair).findings.flat()).toEqual([]);
  });
});
