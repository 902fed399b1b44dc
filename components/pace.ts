/** A place among those that may connect. */
export interface Place {
  /** Says that the connection is over, or never was begun. */
  end: (connected: boolean) => void;
}

interface Taken {
  until: number;
  ended: Promise<void>;
  left: Promise<void>;
}

/** Milliseconds after which who was let in first has logged in, or was turned away. */
const firstAlone = 2000;

export interface Rules {
  places: number;
  /** Milliseconds after which a place is free again. */
  milliseconds: number;
  /** Milliseconds between the begins of two, unless the earlier one has ended. */
  apart: number;
  /** Whether a place stays taken for its whole time where its connection has ended before. */
  remembers: boolean;
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
    this.last = turn.then(({ ended }) => within(apart, [ended]));
    return turn;
  }

  private async next(): Promise<Taken & Place> {
    if (this.isFull()) this.onWait();
    while (this.isFull()) {
      const all = [...this.taken];
      const left = all.map((one) => one.left);
      await within(all[0]!.until - performance.now(), left);
    }
    let over = () => {};
    let leave = () => {};
    const ended = new Promise<void>((resolve) => {
      over = resolve;
    });
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const end = (connected: boolean) => {
      over();
      if (connected && this.rules.remembers) return;
      this.taken.delete(place);
      leave();
    };
    const place = { until: performance.now() + this.rules.milliseconds, ended, left, end };
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
