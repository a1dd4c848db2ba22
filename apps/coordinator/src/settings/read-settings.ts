import {
  type CoordinationSettings,
  coordinationSettingsSchema,
  type KeyReading,
  NexusError,
} from '@nexus/contracts';

export type ReadSettings =
  | { readonly kind: 'valid'; readonly settings: CoordinationSettings }
  | { readonly kind: 'invalid'; readonly why: string };

/** What a reading of the settings' key means. Where there is none, everything is as by default. */
export function readSettings({ key, value }: Pick<KeyReading, 'key' | 'value'>): ReadSettings {
  const parsed = coordinationSettingsSchema.safeParse(value ?? {});
  return parsed.success
    ? { kind: 'valid', settings: parsed.data }
    : { kind: 'invalid', why: NexusError.fromIssues(key, parsed.error).message };
}
