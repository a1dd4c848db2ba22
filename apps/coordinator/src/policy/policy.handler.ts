import { type DirectPolicy } from '@nexus/contracts';
import { type SettingsFollower } from '../settings/settings-follower.js';
import { directPolicyOf, type DirectTerms } from './direct-policy.js';

/** Tells clients what they may do by themselves. */
export class PolicyHandler {
  constructor(
    private readonly terms: DirectTerms,
    private readonly settings: SettingsFollower,
  ) {}

  policy(): DirectPolicy {
    return directPolicyOf(this.terms, this.settings.current);
  }
}
