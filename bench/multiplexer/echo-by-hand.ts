// Answers by hand: a subscriber of the NATS client that reads JSON and writes it, and does nothing else.
import { connect } from '@nats-io/transport-node';
import { answerParent } from '../processes/parent-line.js';
import { echoes, echoPrefix } from './echo.js';

const [, , servers = ''] = process.argv;
const connection = await connect({ servers, name: 'bench echo by hand' });
connection.subscribe(`${echoPrefix}.${echoes.byHand.template}`, {
  callback: (_, request) => {
    request.respond(JSON.stringify(request.json()));
  },
});

answerParent(async () => {
  await connection.flush();
  return {};
});
