export const loadNames = ['none', 'paced', 'full'] as const;
export type LoadName = (typeof loadNames)[number];
