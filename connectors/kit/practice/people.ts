/** Who can log in to a practice system, and what has happened to them. */
import type { PracticeUser } from './contract.ts';

/** The people of the practice tenant "Acme". Their passwords stand on the practice log-in pages. */
export const PRACTICE_USERS = {
  dana: { name: 'Dana Reyes', email: 'dana@acme.example', password: 'practice-dana-1' },
  lee: { name: 'Lee Okafor', email: 'lee@acme.example', password: 'practice-lee-1' },
  robin: { name: 'Robin Lindqvist', email: 'robin@acme.example', password: 'practice-robin-1' },
} as const satisfies Record<string, PracticeUser>;

export interface Person {
  readonly name: string;
  readonly email: string;
  password: string;
  isActive: boolean;
  /** Objects and "Object.field" this person may not see. */
  readonly denied: Set<string>;
}

export interface People {
  readonly all: readonly Person[];
  find(email: string): Person | undefined;
  check(email: string, password: string): 'ok' | 'wrong' | 'inactive';
  deactivate(email: string): void;
  /** @returns the new password */
  changePassword(email: string): string;
  /** @param email absent = everybody */
  deny(what: string, email?: string): void;
  mayRead(email: string, what: string): boolean;
  restore(): void;
}

export function createPeople(users: readonly PracticeUser[]): People {
  const all: Person[] = users.map((user) => ({
    ...user,
    isActive: true,
    denied: new Set(),
  }));
  const find = (email: string): Person | undefined =>
    all.find((person) => person.email.toLowerCase() === email.trim().toLowerCase());
  const need = (email: string): Person => {
    const person = find(email);
    if (person === undefined) throw new Error(`There is no practice user ${email}.`);
    return person;
  };
  return {
    all,
    find,
    check(email, password) {
      const person = find(email);
      if (person === undefined || person.password !== password) return 'wrong';
      return person.isActive ? 'ok' : 'inactive';
    },
    deactivate(email) {
      need(email).isActive = false;
    },
    changePassword(email) {
      const person = need(email);
      person.password = `${person.password}-new`;
      return person.password;
    },
    deny(what, email) {
      for (const person of email === undefined ? all : [need(email)]) person.denied.add(what);
    },
    mayRead: (email, what) => find(email)?.denied.has(what) !== true,
    restore() {
      for (const [index, person] of all.entries()) {
        person.password = users[index]?.password ?? person.password;
        person.isActive = true;
        person.denied.clear();
      }
    },
  };
}
