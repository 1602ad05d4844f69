/** What one call of the contract is: the shapes of its input and output, and whose the ids in its input are. */
import type { z } from 'zod';
import type { ActivityId, ConnectionId, JobId, TenantId } from '../../ids.ts';

/** What an id may belong to. `none`: it names nothing that a tenant owns, for example a connector or a test under way. */
export type SubjectKind = 'connection' | 'job' | 'activity' | 'tenant' | 'none';

type BrandedKind<T> = T extends ConnectionId
  ? 'connection'
  : T extends JobId
    ? 'job'
    : T extends ActivityId
      ? 'activity'
      : T extends TenantId
        ? 'tenant'
        : never;
type LastName<P extends string> = P extends `${string}.${infer Rest}` ? LastName<Rest> : P;
type IsNamedLikeAnId<N extends string> = N extends 'id' | 'ids[]' | 'key' | 'listing' | `${string}Id` | `${string}Ids[]`
  ? true
  : false;
type LeafIds<T, P extends string> = [BrandedKind<T>] extends [never]
  ? IsNamedLikeAnId<LastName<P>> extends true
    ? [P, SubjectKind]
    : never
  : [P, BrandedKind<T>];
type Join<P extends string, K extends string> = P extends '' ? K : `${P}.${K}`;
/** Every id in a value, as [path, kind]: "id", "ids[]", "settings.destination.connectionId". */
type IdsIn<T, P extends string> = T extends string
  ? LeafIds<T, P>
  : T extends number | boolean | null | undefined
    ? never
    : T extends readonly (infer E)[]
      ? IdsIn<E, `${P}[]`>
      : { [K in keyof T & string]: IdsIn<T[K], Join<P, K>> }[keyof T & string];

/**
 * The `subject` that an input needs: 'none' without an id, else every path that leads to one and what the id belongs to.
 * Branded ids settle the kind; one that only has the name of an id has to be given one.
 */
export type SubjectOf<Input> = [IdsIn<Input, ''>] extends [never]
  ? 'none'
  : ByPath<Extract<IdsIn<Input, ''>, readonly [string, SubjectKind]>>;
type ByPath<E extends readonly [string, SubjectKind]> = {
  readonly [P in E[0]]: Extract<E, readonly [P, SubjectKind]>[1];
};

export interface Call<Input extends z.ZodType, Output extends z.ZodType> {
  readonly input: Input;
  readonly output: Output;
  /** The tenant guard is derived from it: ids of another tenant than the one on screen are refused. */
  readonly subject: SubjectOf<z.output<Input>>;
  /** The call only ends something and answers nothing, so it also works after a change of tenant. */
  readonly worksInEveryTenant?: true;
}

/** One entry of the contract. An id in the input whose owner is not declared does not compile. */
export function call<Input extends z.ZodType, Output extends z.ZodType>(
  entry: Call<Input, Output>,
): Call<Input, Output> {
  return entry;
}
