import { type Times, timesOf } from '../../times.js';
import { type Life } from '../members/life.js';
import { Beliefs } from './beliefs.js';

/** Times are in milliseconds. */
export interface Bounds {
  /** From a death until every survivor knows of it. */
  readonly noticedWithinMs: number;
  /** From a return until every survivor knows of the new life. */
  readonly knownWithinMs: number;
  /** How long a life takes part before it is asked what it believes. */
  readonly settledMs: number;
  /** When the trial ended, on the wall clock. */
  readonly endedAtMs: number;
}

export interface MembershipJudgement {
  /** Deaths that could be noticed, and the survivors that had to, taken together. */
  readonly deaths: number;
  readonly suspected: Times;
  readonly noticed: Times;
  /** Lives that began beside survivors, and the survivors that had to learn of them, taken together. */
  readonly returns: number;
  readonly known: Times;
  /** Survivors that missed a bound, in words. */
  readonly late: readonly string[];
  /** Beliefs that a life was over while it lasted, in words. */
  readonly falseDeaths: readonly string[];
  /** Beliefs that a life lasted, of lives that had ended and were known to be over; in words. */
  readonly resurrections: readonly string[];
  /** Suspicions of what lasted; each was to be refuted. */
  readonly falseSuspicions: number;
}

/** A life that took part. */
type Member = Life & { readonly joinedAtMs: number; readonly generation: number };

interface Findings {
  readonly suspected: number[];
  readonly noticed: number[];
  readonly known: number[];
  readonly late: string[];
  readonly falseDeaths: string[];
  readonly resurrections: string[];
  deaths: number;
  returns: number;
  falseSuspicions: number;
}

/** An observer's beliefs about one life. */
interface Look {
  readonly observer: Member;
  readonly beliefs: Beliefs;
  readonly subject: Member;
  /** When the member's next life was started. */
  readonly nextAtMs: number;
  readonly bounds: Bounds;
}

const goneStatuses = new Set(['dead', 'left', 'unknown']);

/** Holds what every life believed against what happened. */
export function judgeMembership(lives: readonly Life[], bounds: Bounds): MembershipJudgement {
  const members = lives.filter((life): life is Member => life.generation !== undefined);
  const findings: Findings = {
    ...{ suspected: [], noticed: [], known: [], late: [], falseDeaths: [], resurrections: [] },
    ...{ deaths: 0, returns: 0, falseSuspicions: 0 },
  };
  for (const observer of members) {
    const beliefs = new Beliefs(observer);
    for (const subject of members) {
      if (subject.id === observer.id) continue;
      const next = lives.find(
        ({ id, startedAtMs }) => id === subject.id && startedAtMs > subject.startedAtMs,
      );
      const look = { observer, beliefs, subject, nextAtMs: next?.startedAtMs ?? Infinity, bounds };
      lookForDeath(look, findings);
      lookForReturn(look, findings);
      lookForErrors(look, findings);
      lookForResurrections(look, findings);
    }
  }
  const { suspected, noticed, known, ...rest } = findings;
  return { ...rest, suspected: timesOf(suspected), noticed: timesOf(noticed), known: timesOf(known) };
}

/** Whether the observer is settled at one moment, and lasts until another. */
const watches = ({ observer, bounds }: Look, fromMs: number, untilMs: number): boolean =>
  observer.joinedAtMs + bounds.settledMs <= fromMs && (observer.endedAtMs ?? bounds.endedAtMs) >= untilMs;

function lookForDeath(look: Look, findings: Findings): void {
  const { observer, beliefs, subject, nextAtMs, bounds } = look;
  const { id, generation, endedAtMs } = subject;
  if (endedAtMs === undefined) return;
  const dueAtMs = endedAtMs + bounds.noticedWithinMs;
  // Who is back before that need not be missed.
  if (!watches(look, endedAtMs, dueAtMs) || nextAtMs < dueAtMs) return;
  if (beliefs.at(id, endedAtMs)?.generation !== generation) return;
  findings.deaths += 1;
  const suspected = beliefs.firstAfter(id, endedAtMs, ({ status }) => status !== 'alive');
  const gone = beliefs.firstAfter(id, endedAtMs, ({ status }) => goneStatuses.has(status));
  if (suspected) findings.suspected.push(suspected.atMs - endedAtMs);
  if (gone) findings.noticed.push(gone.atMs - endedAtMs);
  const due = beliefs.at(id, dueAtMs);
  if (due && !goneStatuses.has(due.status)) {
    findings.late.push(
      `${observer.id} held ${id} for ${due.status} ${bounds.noticedWithinMs} ms after its end`,
    );
  }
}

function lookForReturn(look: Look, findings: Findings): void {
  const { observer, beliefs, subject, bounds } = look;
  const { id, generation, joinedAtMs, endedAtMs = bounds.endedAtMs } = subject;
  const dueAtMs = joinedAtMs + bounds.knownWithinMs;
  if (!watches(look, joinedAtMs, dueAtMs) || endedAtMs < dueAtMs) return;
  findings.returns += 1;
  const isKnown = ({ status, generation: seen }: { status: string; generation: number }) =>
    status === 'alive' && seen === generation;
  const first = beliefs.of(id).find(isKnown);
  if (first) findings.known.push(Math.max(0, first.atMs - joinedAtMs));
  const due = beliefs.at(id, dueAtMs);
  if (due?.generation !== generation || goneStatuses.has(due.status)) {
    const instead = due === undefined ? 'nothing' : `${due.status} in generation ${due.generation}`;
    findings.late.push(
      `${observer.id} knew ${instead} of ${id} ${bounds.knownWithinMs} ms after it began life ${generation}`,
    );
  }
}

function lookForErrors({ observer, beliefs, subject, bounds }: Look, findings: Findings): void {
  const { id, generation, joinedAtMs, endedAtMs = bounds.endedAtMs } = subject;
  for (const belief of beliefs.of(id)) {
    const lasts = belief.atMs > joinedAtMs && belief.atMs < endedAtMs;
    if (!lasts || belief.generation !== generation) continue;
    if (belief.status === 'suspected') findings.falseSuspicions += 1;
    if (!goneStatuses.has(belief.status)) continue;
    const sinceMs = Math.round(belief.atMs - joinedAtMs);
    findings.falseDeaths.push(`${observer.id} held ${id} for ${belief.status} ${sinceMs} ms into its life`);
  }
}

/** A dead member comes back in a new generation; the old one stays dead for whoever has once noticed its end. */
function lookForResurrections({ observer, beliefs, subject }: Look, findings: Findings): void {
  const { id, generation, endedAtMs = Infinity } = subject;
  let isOver = false;
  for (const belief of beliefs.of(id)) {
    if (belief.generation !== generation || belief.atMs < endedAtMs) continue;
    if (isOver && belief.status === 'alive') {
      const sinceMs = Math.round(belief.atMs - endedAtMs);
      findings.resurrections.push(
        `${observer.id} held ${id} for alive again ${sinceMs} ms after the end of life ${generation}`,
      );
    }
    isOver = goneStatuses.has(belief.status);
  }
}
