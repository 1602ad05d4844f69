/** Why a value does not fit its column; the reason goes on after the column's name and holds no value. */
export class Misfit {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}
