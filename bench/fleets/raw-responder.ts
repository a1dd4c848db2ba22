// Answers requests by hand: what it is told to, as JSON, with or without a number drawn from Redis first.
import { connect } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import { answerParent } from '../processes/parent-line.js';
import { rawSubjects } from './fleet-plan.js';

/** Tells the responder what to answer under a name. */
export interface AnswerWith {
  readonly name: string;
  readonly reply: object;
}

const [, , servers = '', redisUrl = ''] = process.argv;
const connection = await connect({ servers, name: 'bench raw responder' });
const redis = new Redis(redisUrl);

answerParent(async (message) => {
  const { name, reply } = message as AnswerWith;
  connection.subscribe(rawSubjects.answer(name), {
    callback: (_, request) => {
      request.json();
      request.respond(JSON.stringify(reply));
    },
  });
  connection.subscribe(rawSubjects.counted(name), {
    callback: (_, request) => {
      request.json();
      void redis.incrby(`raw:${name}`, 1).then(() => request.respond(JSON.stringify(reply)));
    },
  });
  await connection.flush();
  return { name };
});
