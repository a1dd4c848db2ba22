export { type AddedJob, JobQueue, type JobQueueOptions, type JobRun, type ProcessJob } from './job-queue.js';
