/** A place among those that may connect. */
export interface Place {
  /** Says that the connection is over, or never was begun. */
  end: (connected: boolean) => void;
}

interface Taken {
  until: number;
  isOver: boolean;
  over: Promise<void>;
}

/** Milliseconds after which who was let in first has logged in, or was turned away. */
const firstAlone = 2000;

export interface Rules {
  places: number;
  /** Milliseconds after which a place is free again. */
  milliseconds: number;
  /** Milliseconds after which it is free once its connection is over, where that is sooner. */
  afterwards: number;
  /** Milliseconds between the begins of two, unless the earlier one is over. */
  apart: number;
}

/** Lets so many begin within some time, the first of all alone. */
export class Pace {
  private readonly taken = new Set<Taken>();
  private last?: Promise<unknown>;

  /** `onWait` is called each time one has to wait for a place. */
  constructor(
    private readonly rules: Rules,
    private readonly onWait: () => void = () => {},
  ) {}

  /** Waits for a place; those who asked earlier have it first. */
  take(): Promise<Place> {
    const apart = this.last === undefined ? firstAlone : this.rules.apart;
    const turn = (this.last ?? Promise.resolve()).then(() => this.next());
    this.last = turn.then(({ over }) => within(apart, [over]));
    return turn;
  }

  private async next(): Promise<Taken & Place> {
    if (this.isFull()) this.onWait();
    while (this.isFull()) {
      const all = [...this.taken];
      const soonest = Math.min(...all.map(({ until }) => until));
      const going = all.filter(({ isOver }) => !isOver);
      await within(
        soonest - performance.now(),
        going.map(({ over }) => over),
      );
    }
    let settle = () => {};
    const over = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const end = (connected: boolean) => {
      place.until = Math.min(place.until, performance.now() + (connected ? this.rules.afterwards : 0));
      place.isOver = true;
      settle();
    };
    const place = { until: performance.now() + this.rules.milliseconds, isOver: false, over, end };
    this.taken.add(place);
    return place;
  }

  private isFull(): boolean {
    for (const one of this.taken) if (one.until <= performance.now()) this.taken.delete(one);
    return this.taken.size >= this.rules.places;
  }
}

/** Until one of these is settled, and no longer than so many milliseconds. */
async function within(milliseconds: number, all: Promise<void>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([over, ...all]);
  clearTimeout(timer);
}
