import { z } from 'zod';

/* What the scripts answer: a word, then what belongs to it. Checked, as whatever comes from outside. */

const text = z.string();
const version = z.int().nonnegative();
const noTable = z.tuple([z.literal('no_table')]);
const unknown = z.tuple([z.literal('unknown')]);
const wrongToken = z.tuple([z.literal('wrong_token')]);

export const positionReply = z.tuple([text, version, z.enum(['made', 'shut', 'open'])]);

/** One outcome an agent, in the order of asking. */
export const registerReply = z.union([
  noTable,
  z.tuple([z.literal('host_taken'), version]),
  z.tuple([
    z.literal('registered'),
    text,
    z.array(
      z.union([
        z.tuple([z.literal('taken'), version]),
        z.tuple([z.literal('known')]),
        z.tuple([z.literal('full')]),
        z.tuple([z.literal('registered'), z.enum(['absent', 'alive', 'suspected']), version]),
      ]),
    ),
  ]),
]);

/** Of those of which there is more to say than that they are alive; each begins with its place in the batch. */
export const heartbeatReply = z.union([
  noTable,
  z.tuple([
    z.literal('heard'),
    text,
    z.array(
      z.union([
        z.tuple([version, z.enum(['unknown', 'wrong_token'])]),
        z.tuple([version, z.literal('recovered'), version, text, text]),
      ]),
    ),
  ]),
]);

/** How many agents the host has, and those that were suspected until now. */
export const hostHeartbeatReply = z.union([
  noTable,
  unknown,
  wrongToken,
  z.tuple([z.literal('heard'), text, version, z.array(z.tuple([version, text, text]))]),
]);

/** Each agent that left, with the version at which it did. */
export const hostDeregisterReply = z.union([
  noTable,
  unknown,
  wrongToken,
  z.tuple([z.literal('left'), text, z.array(z.tuple([text, version]))]),
]);

export const deregisterReply = z.union([
  noTable,
  unknown,
  wrongToken,
  z.tuple([z.literal('left'), text, version]),
]);

export const sweepReply = z.union([
  noTable,
  z.tuple([
    z.literal('swept'),
    text,
    z.array(
      z.union([
        z.tuple([z.literal('suspected'), text, version, text, text]),
        z.tuple([z.literal('gone'), text, version]),
      ]),
    ),
  ]),
]);

export const restoreReply = z.union([
  noTable,
  z.tuple([z.literal('restored'), text, z.array(z.tuple([text, version, text, text]))]),
]);

/** @throws ZodError when a script answers what it never should: a bug, and no fault of whoever asked */
export const read = <S extends z.ZodType>(schema: S, reply: unknown): z.infer<S> => schema.parse(reply);
