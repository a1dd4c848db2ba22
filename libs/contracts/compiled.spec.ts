import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { compiled, compiledAtOnce } from './compiled.js';

describe('compiled', () => {
  it('is the schema itself until it is used often, and takes the same and refuses in the same words then', () => {
    const schema = z.object({ name: z.string(), size: z.int().min(1) });
    expect(compiled(schema)).toBe(schema);
    for (let uses = 0; uses < 100; uses += 1) compiled(schema);
    const made = compiled(schema);
    expect(made).not.toBe(schema);
    expect(compiled(schema)).toBe(made);
    expect(compiledAtOnce(schema)).toBe(made);
    expect(made.parse({ name: 'a', size: 2, more: true })).toEqual({ name: 'a', size: 2 });
    const wrong = { name: 1, size: 0 };
    expect(made.safeParse(wrong).error?.issues).toEqual(schema.safeParse(wrong).error?.issues);
  });
});
