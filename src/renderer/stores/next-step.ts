/** What the Connections page offers after a connection was authorized for the first time: run its jobs, then look at the rows. */
import { create } from 'zustand';
import type { ActivityId, ConnectionId, JobId } from '../../shared/ids.ts';

/** The run that was started of each job. */
export type StartedRuns = ReadonlyMap<JobId, ActivityId>;

interface NextStepState {
  /** The connection that was authorized last; null when there is nothing to offer. */
  readonly connectionId: ConnectionId | null;
  readonly started: StartedRuns;
}

const NOTHING: NextStepState = { connectionId: null, started: new Map() };

export const useNextStep = create<NextStepState>()(() => NOTHING);

/** For a connection that has just become Connected. */
export function offerNextStep(connectionId: ConnectionId): void {
  useNextStep.setState({ ...NOTHING, connectionId });
}

export function noteStarted(jobId: JobId, activityId: ActivityId): void {
  useNextStep.setState(({ started }) => ({ started: new Map(started).set(jobId, activityId) }));
}

export function dismissNextStep(): void {
  useNextStep.setState(NOTHING);
}
