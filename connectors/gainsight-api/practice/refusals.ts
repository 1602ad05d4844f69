/** Gainsight's envelope and its refusals, as its error-code article lists them. */
import { PracticeRefusal, type PracticeReply } from '../../kit/practice/index.ts';

let requests = 0;
function requestId(): string {
  requests += 1;
  return `00000000-0000-4000-8000-${String(requests).padStart(12, '0')}`;
}

export const accepted = (data: unknown): PracticeReply => ({
  json: { result: true, errorCode: null, errorDesc: null, requestId: requestId(), data, message: null },
});

export const envelope = (status: number, errorCode: string | null, errorDesc: string): PracticeReply => ({
  status,
  json: { result: false, errorCode, errorDesc, requestId: requestId(), data: null, message: null },
});

export const refuse = (status: number, errorCode: string | null, errorDesc: string): PracticeRefusal =>
  new PracticeRefusal(envelope(status, errorCode, errorDesc));
