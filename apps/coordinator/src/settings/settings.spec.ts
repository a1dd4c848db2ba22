import { describe, expect, it } from '@jest/globals';
import {
  coordinateRequestSchema,
  coordinationSettingsKey,
  coordinationSettingsSchema,
} from '@nexus/contracts';
import { highestLayer, refuseInadmissible } from './admission.js';
import { readSettings } from './read-settings.js';

const key = coordinationSettingsKey;
const settings = (value: object) => coordinationSettingsSchema.parse(value);
const request = (timeoutMs: number) =>
  coordinateRequestSchema.parse({ agents: { all: true }, goal: { type: 'gather', timeoutMs } });

describe('readSettings', () => {
  it('takes what stands in the log, with defaults for the rest', () => {
    expect(readSettings({ key, value: { maxLayer: 'foundation' } })).toEqual({
      kind: 'valid',
      settings: { intake: 'open', maxLayer: 'foundation' },
    });
  });

  it('is all defaults where there is nothing', () => {
    expect(readSettings({ key, value: null })).toEqual({ kind: 'valid', settings: { intake: 'open' } });
  });

  it.each([[{ intake: 'shut' }], [{ intake: 'open', typo: 1 }], [{ timeoutMsMax: 0 }], ['paused'], [[]]])(
    'does not take %j for settings',
    (value) => {
      expect(readSettings({ key, value })).toMatchObject({ kind: 'invalid' });
    },
  );
});

describe('refuseInadmissible', () => {
  it('refuses everything while the intake is paused, and says by what', () => {
    const attempt = () => refuseInadmissible(request(100), settings({ intake: 'paused' }));
    expect(attempt).toThrow(expect.objectContaining({ code: 'unavailable', retryable: true }));
    expect(attempt).toThrow(/config\.coordination/);
  });

  it('refuses a time-out above the greatest, and admits the greatest', () => {
    const bounded = settings({ timeoutMsMax: 1_000 });
    expect(() => refuseInadmissible(request(1_001), bounded)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
    expect(() => refuseInadmissible(request(1_000), bounded)).not.toThrow();
  });
});

describe('highestLayer', () => {
  it('is the lower of the two', () => {
    expect(highestLayer('adaptive', settings({}))).toBe('adaptive');
    expect(highestLayer('adaptive', settings({ maxLayer: 'foundation' }))).toBe('foundation');
    expect(highestLayer('emergency', settings({ maxLayer: 'foundation' }))).toBe('emergency');
  });
});
