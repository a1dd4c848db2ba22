import { type Channel, type Frontiers, type Repair, type SenderId } from '@nexus/core/causality';
import { type Letter } from './history.js';

/** What travels between processes. */
export type Post =
  | { readonly kind: 'letter'; readonly letter: Letter }
  /** How far a sender has come, told unasked. */
  | { readonly kind: 'beacon'; readonly sender: SenderId; readonly sequences: ReadonlyMap<Channel, number> }
  | { readonly kind: 'where_do_you_stand'; readonly asker: string }
  | { readonly kind: 'here'; readonly sender: SenderId; readonly frontiers: Frontiers }
  | { readonly kind: 'what_have_you_kept'; readonly asker: string; readonly repair: Repair }
  | {
      readonly kind: 'kept';
      readonly repair: Repair;
      readonly letters: readonly Letter[];
      readonly keptFrom: number | undefined;
    }
  /** To who sent a letter: what the one that got it has delivered, what it knows, and what had happened before. */
  | {
      readonly kind: 'answer';
      readonly from: string;
      readonly sender: SenderId;
      readonly delivered: Frontiers;
      readonly frontiers: Frontiers;
      readonly past: ReadonlySet<number>;
    };
