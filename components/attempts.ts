/** How often the provider dials one address, and the seconds that it gives each dial to be taken. */
interface Attempts {
  /** One less than the dials. */
  dialErrorLimit: number;
  perDialTimeout: number;
}

/** How a server is reached, and what is known of it. */
interface Circumstances {
  /** It may be starting, for which it refuses connections. */
  starting?: boolean;
  /** A bastion dials it. */
  behind?: boolean;
}

/** The fifth "no" within minutes is what servers ban for (fail2ban), and the sixth connection within half of one (`ufw limit`). */
const timesForNo = 3;

/** Up to so many seconds, a server is expected to stand; more are asked for where one may still be starting. */
const standing = 60;

/** Seconds for each dial to a server that may be starting: what drops packets shows itself only by silence. */
const shortDial = 2;

/** Seconds that a bastion waits for a server that drops packets. */
const silenceBehind = 135;

/** Seconds that an attempt costs there while a server starts: its neighbour learns within three that nobody is there. */
const dialBehind = 10;

/**
 * The provider tries a wrong user as often as a port that refuses, and its pauses begin at 0.1 s. So a server that stands
 * is dialled a few times, each for long, and only one that may be starting is asked again and again. Behind a bastion
 * nothing limits a dial but the bastion itself, so there a server gets no more of them than may all end in silence.
 */
export function attemptsAt(seconds: number, { starting = false, behind = false }: Circumstances): Attempts {
  if (starting || (seconds > standing && !behind)) {
    return { dialErrorLimit: attemptsWithin(seconds, behind ? dialBehind : shortDial) - 1, perDialTimeout: shortDial };
  }
  const times = behind ? Math.max(1, Math.floor(seconds / silenceBehind)) : timesForNo;
  return { dialErrorLimit: times - 1, perDialTimeout: Math.floor(seconds / timesForNo) };
}

/**
 * How many attempts of so long each fit into the time. The provider waits 0.1 s after the first, then half as long again
 * each time, 5 s at most; so a server that refuses at once is tried for about two thirds of the time.
 */
export function attemptsWithin(seconds: number, each: number): number {
  let attempts = 1;
  let wait = 0.1;
  for (let spent = each; spent + wait + each <= seconds; wait = Math.min(wait * 1.5, 5)) {
    spent += wait + each;
    attempts++;
  }
  return attempts;
}
