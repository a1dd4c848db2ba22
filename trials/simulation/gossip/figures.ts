import { GossipMember } from '@nexus/core/gossip';
import { measureDeaths } from './deaths.js';
import { measureEndurance } from './endurance.js';
import { roundsGoal } from './goal.js';
import { measureHealing } from './healing.js';
import { MeasuredCluster, namesOf, settings } from './measured-cluster.js';
import { plainPush } from './plain-push.js';
import {
  type DeathsRow,
  type EnduranceRow,
  type Figures,
  type HealingRow,
  type SpreadRow,
} from './report.js';
import { measureSpread } from './spread.js';

export const parts = ['spread', 'push', 'deaths', 'healing', 'endurance'] as const;
export type Part = (typeof parts)[number];

export interface FiguresOptions {
  readonly nodes: readonly number[];
  readonly losses: readonly number[];
  readonly seeds: readonly number[];
  readonly updates: number;
  readonly minutes: number;
  readonly parts: readonly Part[];
  readonly progress: (text: string) => void;
}

interface Case {
  readonly nodes: number;
  readonly loss: number;
  readonly seed: number;
}

/** Rounds within which a cluster of any of the sizes has formed, many times over. */
const formRoundsMax = 300;
/** Of one in forty, two at least. */
const updatesPerRound = (nodes: number): number => Math.max(2, nodes / 40);
/** Members of larger clusters are introduced to each other. */
const formedNodesMax = 300;
const enduranceNodes = 50;
const enduranceLoss = 0.1;

/** Measures what is asked for, one case after another. */
export function measureFigures(options: FiguresOptions): Figures {
  const spread: SpreadRow[] = [];
  const deaths: DeathsRow[] = [];
  const healing: HealingRow[] = [];
  const endurance: EnduranceRow[] = [];
  const wants = (part: Part) => options.parts.includes(part);
  for (const each of casesOf(options)) {
    const progress = (text: string) =>
      options.progress(`${each.nodes} members, loss ${each.loss}, seed ${each.seed}: ${text}`);
    if (wants('spread')) spread.push(...spreadRows(each, options.updates, progress));
    if (wants('push')) spread.push(pushRow(each, options.updates, progress));
    if (wants('deaths')) deaths.push(deathsRow(each, progress));
    if (wants('healing')) healing.push(healingRow(each, 10, progress), healingRow(each, 60, progress));
  }
  if (wants('endurance')) for (const seed of options.seeds) endurance.push(enduranceRow(seed, options));
  return { roundBytesMax: settings.roundBytesMax, spread, deaths, healing, endurance };
}

const casesOf = ({ nodes, losses, seeds }: FiguresOptions): Case[] =>
  nodes.flatMap((count) => losses.flatMap((loss) => seeds.map((seed) => ({ nodes: count, loss, seed }))));

type ShowProgress = (text: string) => void;

function formed(
  each: Case,
  progress: ShowProgress,
): { measured: MeasuredCluster; formedAfterRounds: number | null } {
  progress('forming');
  const measured = new MeasuredCluster({ ...each, member: GossipMember });
  if (each.nodes > formedNodesMax) {
    if (measured.introduce()) return { measured, formedAfterRounds: null };
    throw new Error(`${each.nodes} members do not know each other though all were introduced`);
  }
  const formedAfterRounds = measured.form(formRoundsMax);
  if (formedAfterRounds === null) throw new Error(`${each.nodes} members do not find each other`);
  return { measured, formedAfterRounds };
}

function spreadRows(each: Case, updates: number, progress: ShowProgress): SpreadRow[] {
  const { measured, formedAfterRounds } = formed(each, progress);
  const roundsMax = 2 * roundsGoal(each.nodes, each.loss);
  return [false, true].map((urgent) => {
    const { shares: _, ...report } = measureSpread(measured, {
      updates,
      updatesPerRound: updatesPerRound(each.nodes),
      urgent,
      roundsMax,
      progress,
    });
    return { ...each, protocol: urgent ? 'gossip, urgent' : 'gossip', formedAfterRounds, ...report };
  });
}

function pushRow(each: Case, updates: number, progress: ShowProgress): SpreadRow {
  const measured = new MeasuredCluster({ ...each, member: plainPush(namesOf(each.nodes)) });
  const roundsMax = 2 * roundsGoal(each.nodes, each.loss);
  measured.start();
  measured.run(roundsGoal(each.nodes, each.loss));
  const { shares: _, ...report } = measureSpread(measured, {
    updates,
    updatesPerRound: updatesPerRound(each.nodes),
    urgent: false,
    roundsMax,
    progress,
  });
  return { ...each, protocol: 'plain push', formedAfterRounds: null, ...report };
}

function deathsRow(each: Case, progress: ShowProgress): DeathsRow {
  const { measured } = formed(each, progress);
  progress('watching deaths');
  const { shares: _, ...report } = measureDeaths(measured, Math.max(1, Math.floor(each.nodes / 10)), 40);
  return { ...each, ...report };
}

function healingRow(each: Case, apartRounds: number, progress: ShowProgress): HealingRow {
  const { measured } = formed(each, progress);
  progress('cut in two');
  const { shares: _, ...report } = measureHealing(measured, apartRounds, 200);
  return { ...each, ...report };
}

function enduranceRow(seed: number, { minutes, progress }: FiguresOptions): EnduranceRow {
  const each = { nodes: enduranceNodes, loss: enduranceLoss, seed };
  const { measured } = formed(each, progress);
  const show = (text: string) => progress(`${minutes} minutes at ${100 * enduranceLoss} % loss: ${text}`);
  return { ...each, ...measureEndurance(measured, 60 * minutes, show) };
}
