import { describe, expect, it } from '@jest/globals';
import { coordinationSettingsSchema, directPolicySchema, limits } from '@nexus/contracts';
import { loadCoordinatorConfig } from '../coordinator.config.js';
import { directPolicyOf } from './direct-policy.js';

const terms = loadCoordinatorConfig({});
const under = (settings: object) => directPolicyOf(terms, coordinationSettingsSchema.parse(settings));

describe('directPolicyOf', () => {
  it('is what the contract says, and lets clients send work straight to agents', () => {
    const policy = under({});
    expect(directPolicySchema.parse(policy)).toEqual(policy);
    expect(policy).toMatchObject({ direct: true, timeoutMsMax: limits.timeoutMsMax });
    expect(policy.algorithms).toContain(policy.algorithm);
  });

  it.each([
    ['the deployment does not want it', { ...terms, directDispatch: 'off' as const }, {}],
    ['the intake is paused', terms, { intake: 'paused' }],
    ['the layer that chooses by load is switched off', terms, { maxLayer: 'foundation' }],
    ['all layers but the last are', terms, { maxLayer: 'emergency' }],
  ])('lets nobody when %s', (_when, given, settings) => {
    const policy = directPolicyOf(given, coordinationSettingsSchema.parse(settings));
    expect(policy.direct).toBe(false);
    expect(policy.reason).toEqual(expect.any(String));
  });

  it('does not forbid it for a layer above', () => {
    expect(under({ maxLayer: 'performance' }).direct).toBe(true);
    expect(under({ maxLayer: 'intelligence' }).direct).toBe(true);
  });

  it('has the greatest time-out of the settings', () => {
    expect(under({ timeoutMsMax: 1_500 }).timeoutMsMax).toBe(1_500);
  });
});
