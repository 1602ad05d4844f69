/** The table of causes as it is read: what a failure does to a connection, whether it passes, what to say and what to do. */
import { describe, expect, it, test } from 'vitest';
import { FAILURE_CLASSES } from '../activity/activity.ts';
import { DISCONNECT_REASONS } from '../connection/reasons.ts';
import { CAUSES } from './causes.ts';
import { classOf, reasonAdvice, reasonOf, reasonSentence } from './rules.ts';

const rows = FAILURE_CLASSES.map((failureClass) => {
  const { disconnects, passes, speaksOf, codes, what, waitingFor, next } = CAUSES[failureClass];
  const effect = disconnects === null ? 'stays' : `DISCONNECTS (${disconnects})`;
  const wait = waitingFor === undefined ? '' : `, a run waits for ${waitingFor}`;
  const told = codes.length === 0 ? '' : ` = ${codes.join('/')}`;
  return `${failureClass}${told}: ${effect}; ${speaksOf}; passes: ${passes}${wait}; "${what}" -> ${next}`;
});

test('the table', () => {
  expect(`\n${rows.join('\n')}\n`).toMatchInlineSnapshot(`
    "
    reauthorize_expired: DISCONNECTS (authorization_expired); authorization; passes: no; "The authorization expired or was withdrawn" -> reAuthorize
    reauthorize_permission: DISCONNECTS (permission_missing); rights; passes: no; "The authorized user lacks a permission" -> reAuthorize
    reauthorize_deactivated: DISCONNECTS (user_deactivated); authorization; passes: no; "The authorized user was deactivated" -> reAuthorize
    reauthorize_password: DISCONNECTS (password_changed); authorization; passes: no; "The password or key expired or was changed" -> reAuthorize
    licence_expired: DISCONNECTS (licence_ended); authorization; passes: no; "The licence or trial of the source system ended" -> reAuthorize
    credential_missing = secret_unreadable/vault_locked/vault_unavailable: DISCONNECTS (credential_missing); machine; passes: no; "The credential cannot be read on this machine" -> reAuthorize
    rate_limited = rate_limited: stays; limits; passes: soon, a run waits for the rate limit; "The system asks for fewer requests" -> runNow
    quota_exceeded = quota_exceeded: stays; limits; passes: later; "The system’s quota is used up" -> runNow
    object_denied: stays; rights; passes: no; "The authorized user may not read it" -> runNow
    not_found = not_found: stays; request; passes: no; "The system has nothing at this address" -> editJob
    bad_request: stays; request; passes: no; "The system refused the request" -> editJob
    server_error: stays; system; passes: soon, a run waits for the next attempt; "The system failed" -> runNow
    network = unreachable: stays; route; passes: soon, a run waits for the next attempt; "The system could not be reached" -> editConnection
    tls = tls_failed: stays; route; passes: no; "The encrypted connection failed" -> editConnection
    timeout = timed_out: stays; route; passes: soon, a run waits for the next attempt; "The system did not answer in time" -> runNow
    invalid_response = invalid_response: stays; answer; passes: no; "The system sent an answer that cannot be read" -> editConnection
    host_refused = host_refused: stays; address; passes: no; "The address was refused" -> editConnection
    bad_data: stays; rows; passes: no; "The data cannot be read" -> runNow
    schema_changed: stays; rows; passes: no; "A field that the job uses is gone or has another type" -> editJob
    destination_refused: stays; rows; passes: no; "The destination refused the records" -> editJob
    disk_full = disk_full: stays; machine; passes: no, a run waits for space on the disk; "The disk is full" -> runNow
    worker_crashed: stays; machine; passes: no; "The process that runs jobs stopped" -> runNow
    cancelled = cancelled: stays; person; passes: no; "The run was stopped" -> runNow
    internal = internal: stays; machine; passes: no; "Something unexpected happened" -> runNow
    "
  `);
});

test('the advice of each class', () => {
  const lines = FAILURE_CLASSES.map((failureClass) => `${failureClass}: ${CAUSES[failureClass].advice}`);
  expect(`\n${lines.join('\n')}\n`).toMatchInlineSnapshot(`
    "
    reauthorize_expired: Re-authorize the connection. If access was revoked for an investigation, wait until it is over.
    reauthorize_permission: Give the authorized user the missing permission in the source system, or re-authorize as a user who has it.
    reauthorize_deactivated: Re-authorize as another admin, for example when the admin who authorized it has left.
    reauthorize_password: Re-authorize with the current password or key.
    licence_expired: Renew the licence in the source system, then re-authorize.
    credential_missing: Restore or unlock the keyring this profile was made with, or re-authorize on this machine.
    rate_limited: Nothing to do: the run goes on when the system allows it. Fewer jobs at the same time help.
    quota_exceeded: Wait until the system’s quota is renewed, or ask its admin for a larger one.
    object_denied: Give the authorized user access to it in the source system, then run the job again; or re-authorize as a user who has it.
    not_found: Check that the object still exists and that the authorized user can see it, then edit the job.
    bad_request: Check the job’s fields and filters against the source object.
    server_error: Try again later; if it lasts, ask the support of the source system.
    network: Check the network, the proxy and the address in the Advanced section.
    tls: Check the clock of this machine and the certificate of the host; a company proxy may need its certificate added.
    timeout: Try again; if it lasts, check the network and the load of the source system.
    invalid_response: Check the address in the Advanced section: something other than the expected system may have answered.
    host_refused: Check the address; for a private network tick “Allow private network addresses” in the Advanced section.
    bad_data: Open the rejected records, correct them in the source system, and run the job again.
    schema_changed: Edit the job’s mapping: a field it uses is gone or has another type.
    destination_refused: Open the rejected records to see what the destination refused, then correct the mapping or the records.
    disk_full: Free some disk space, then run the job again. It resumes where it stopped.
    worker_crashed: Run the job again. It resumes where it stopped. If it happens again, report it with the log in the profile folder.
    cancelled: Run the job again to resume where it stopped.
    internal: Run the job again. If it happens again, report it with the log in the profile folder.
    "
  `);
});

describe('each class', () => {
  it('is one of the list, in its order', () => {
    expect(Object.keys(CAUSES)).toEqual([...FAILURE_CLASSES]);
  });

  it.each(FAILURE_CLASSES)('%s says what happened without a full stop, and what to do with one', (failureClass) => {
    expect(CAUSES[failureClass].what).toMatch(/^[A-Z].*[^.]$/);
    expect(CAUSES[failureClass].advice).toMatch(/^[A-Z].*\.$/);
  });

  it('that passes soon says what a run waits for', () => {
    const passing = FAILURE_CLASSES.filter((failureClass) => CAUSES[failureClass].passes === 'soon');
    for (const failureClass of passing) expect(CAUSES[failureClass].waitingFor).toBeDefined();
  });

  it('has codes of its own', () => {
    const codes = FAILURE_CLASSES.flatMap((failureClass) => CAUSES[failureClass].codes);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('that disconnects is mended by an authorization, and no other is', () => {
    for (const failureClass of FAILURE_CLASSES)
      expect(CAUSES[failureClass].next === 'reAuthorize', failureClass).toBe(reasonOf(failureClass) !== null);
  });
});

describe('a reason to disconnect', () => {
  it.each(DISCONNECT_REASONS)('%s is that of exactly one class', (reason) => {
    expect(FAILURE_CLASSES.filter((failureClass) => reasonOf(failureClass) === reason)).toEqual([classOf(reason)]);
    expect(reasonAdvice(reason)).toMatch(/\.$/);
  });

  it('names the object that a permission is missing for', () => {
    expect(reasonSentence({ reason: 'permission_missing', object: 'Account' })).toBe(
      'The authorized user lacks a permission for Account',
    );
    expect(reasonSentence({ reason: 'user_deactivated', object: 'Account' })).toBe(
      'The authorized user was deactivated',
    );
  });
});
