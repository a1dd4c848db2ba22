export { count, type Ballot, type Count, type Option, type Outcome } from './count.js';
export { votesNeeded, type Quorum, type VotesNeeded } from './quorum.js';
