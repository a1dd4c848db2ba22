import { type Endpoint } from '@nexus/contracts';
import { z } from 'zod';

const bodySchema = z.object({
  id: z.string(),
  kind: z.enum(['task', 'gather']),
  payload: z.object({ text: z.string(), numbers: z.array(z.number()) }),
  budgetMs: z.int().nonnegative(),
});

/** What is asked and echoed: about 200 bytes of JSON. */
export const echoBody: z.infer<typeof bodySchema> = {
  id: 'unit-4711',
  kind: 'task',
  payload: { text: 'a'.repeat(80), numbers: [1, 2, 3.5, 4_096, 65_535] },
  budgetMs: 5_000,
};

/** First token of the subjects of this section. */
export const echoPrefix = 'bench-echo';

/** Answers with what it was asked; served by hand in one process and by Nexus' transport in another. */
const echo = <T extends string>(template: T): Endpoint<T, typeof bodySchema, typeof bodySchema> => ({
  name: template,
  service: 'coordinator',
  template,
  summary: 'Answers with what it was asked.',
  request: bodySchema,
  reply: bodySchema,
});

export const echoes = { byHand: echo('hand'), byNexus: echo('nexus') } as const;
