export {
  type AddedJob,
  type JobPlan,
  JobQueue,
  type JobQueueOptions,
  type JobRun,
  type ProcessJob,
} from './job-queue.js';
