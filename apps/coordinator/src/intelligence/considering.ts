import {
  type Candidate,
  type Choice,
  choicesOf,
  type Choosing,
  type Features,
  type Goal,
  type GoalType,
  layerNames,
  type LayerName,
} from '@nexus/contracts';
import { explore } from '@nexus/core/learning';
import { type Coordination } from '../coordination/coordination.js';
import { type ModelFollower } from './model-follower.js';
import { type Orders } from './orders.js';
import { type Situations } from './situations.js';

export interface ConsideringOptions {
  readonly models: Pick<ModelFollower, 'everHeard' | 'isStale' | 'strategy'>;
  readonly orders: Pick<Orders, 'isDemoted'>;
  readonly situations: Situations;
  /** Share of what may be chosen for that is done in a way drawn by chance, 0 to 1. */
  readonly explorationShare: number;
  /** A model that is less sure than this is not followed, 0 to 1. */
  readonly confidenceMin: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** What was seen of a coordination before it began, and what was chosen for it. */
export interface Considered {
  readonly features: Features;
  /** Undefined where no model was asked: the goal leaves no choice, or no intelligence service was ever heard of. */
  readonly choosing: Omit<Choosing, 'candidates'> | undefined;
  /** How likely it was that chance would not decide; 1 where it had no part. */
  readonly usualPropensity: number;
  /** What the model expects of each choice; worked out when it is asked for. */
  readonly candidates: () => Candidate[];
}

/** Fleets up to this size may be sent a message an agent for the sake of learning. */
const oneByOneAgentsMax = 256;

/** The layer's own name for what a coordination hands down. */
const name = 'considered';

/** Looks at each coordination before it begins, and chooses how it is done, by the models and by a little chance. */
export class Considering {
  constructor(private readonly options: ConsideringOptions) {}

  /** The first time that it is asked for a coordination it looks; from then on it says the same. */
  of(coordination: Coordination): Considered {
    return coordination.handedDown(name, () => this.consider(coordination));
  }

  private consider(coordination: Coordination): Considered {
    const { models, situations } = this.options;
    const { type } = coordination.goal;
    const features = situations.featuresOf(coordination);
    const predictor = models.strategy(type);
    const candidates = () => predictor?.candidates(features) ?? [];
    const mayChoose =
      models.everHeard && reaches(coordination.request.maxLayer) && leavesAChoice(coordination);
    // An order caps the layer of the coordination, and is to be told of all the same.
    if (!mayChoose || !(reaches(coordination.maxLayer) || this.options.orders.isDemoted(type))) {
      return { features, choosing: undefined, usualPropensity: 1, candidates };
    }
    return { features, ...this.choose(type, features), candidates };
  }

  private choose(type: GoalType, features: Features): Pick<Considered, 'choosing' | 'usualPropensity'> {
    const { models, orders, explorationShare, confidenceMin, random } = this.options;
    const [below] = choicesOf[type];
    const left = (reason: Choosing['reason']) => ({
      choosing: { ...notServing, reason, choice: below, below },
      usualPropensity: 1,
    });
    if (orders.isDemoted(type)) return left('demoted');
    const predictor = models.strategy(type);
    // Before there is a model there is nothing to compare with what chance would try.
    if (!predictor) return left('no_model');
    if (models.isStale) return left('stale');
    const advice = predictor.advise(features, confidenceMin);
    const usual = advice.choice;
    const choices = (choicesOf[type] as readonly Choice[]).filter(
      (choice) => choice === usual || mayExplore(choice, features),
    );
    const { action, propensity } = explore({
      ...{ count: choices.length, greedy: choices.indexOf(usual), share: explorationShare, random },
    });
    const choice = choices[action]!;
    const choosing = {
      serving: choice !== below,
      reason: choice === usual ? advice.reason : ('explored' as const),
      ...{ choice, below, propensity },
      version: predictor.snapshot.version,
      confidence: advice.confidence,
      reasoning: advice.reasoning,
    };
    return { choosing, usualPropensity: 1 - (explorationShare * (choices.length - 1)) / choices.length };
  }
}

const notServing = { serving: false, propensity: 1, version: null, confidence: null, reasoning: '' } as const;

const reaches = (layer: LayerName): boolean =>
  layerNames.indexOf(layer) >= layerNames.indexOf('intelligence');

/** Whoever names a strategy or an algorithm gets it; some goals can only be reached in one way. */
function leavesAChoice({ request, goal }: Coordination): boolean {
  if (request.strategy !== null || request.exclusive) return false;
  switch (goal.type) {
    case 'broadcast':
      return isWaitedFor(goal) && goal.ordering === 'none' && goal.coordinator === undefined;
    case 'gather':
      return true;
    case 'load_balance':
      return isWaitedFor(goal) && goal.algorithm === 'adaptive';
    case 'consensus':
      return false;
  }
}

/**
 * Whether agents do something that is waited for. What is only handed to the broker, or assigned, takes no time, and says
 * nothing of what does.
 */
export function isWaitedFor(goal: Goal): boolean {
  if (goal.type === 'broadcast') return goal.delivery === 'acknowledged';
  return goal.type !== 'load_balance' || goal.dispatch;
}

/** What is tried by chance must not cost a multiple of what it may teach. */
function mayExplore(choice: Choice, { agents }: Features): boolean {
  return choice !== 'foundation' || agents <= oneByOneAgentsMax;
}
