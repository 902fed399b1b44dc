/** A place among those that may connect at once. */
export interface Place {
  begun: number;
  until: number;
  /** Gives the place back. */
  leave: () => void;
  left: Promise<void>;
}

/** Milliseconds after which who was let in first has logged in, or was turned away. */
const firstAlone = 2000;

/**
 * Lets so many begin at once, the first of all alone. A place is free again once it is left, or after some time. One may
 * begin once the one before has left its place, or some time `apart` from it.
 */
export class Pace {
  private readonly taken = new Set<Place>();
  private last?: Promise<unknown>;

  constructor(
    readonly places: number,
    private readonly milliseconds: number,
    private readonly apart = 0,
  ) {}

  /** Waits for a place; those who asked earlier have it first. */
  take(): Promise<Place> {
    const apart = this.last === undefined ? firstAlone : this.apart;
    const turn = (this.last ?? Promise.resolve()).then(() => this.next());
    this.last = turn.then((place) => within(apart, [place]));
    return turn;
  }

  private async next(): Promise<Place> {
    while (this.taken.size >= this.places) {
      const places = [...this.taken];
      await within(places[0]!.until - performance.now(), places);
      for (const place of places) if (place.until <= performance.now()) this.taken.delete(place);
    }
    const begun = performance.now();
    let leave = () => {};
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const place = { begun, until: begun + this.milliseconds, leave, left };
    left.then(() => this.taken.delete(place));
    this.taken.add(place);
    return place;
  }
}

/** Until one of the places is left, and no longer than so many milliseconds. */
async function within(milliseconds: number, places: Place[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([over, ...places.map(({ left }) => left)]);
  clearTimeout(timer);
}
