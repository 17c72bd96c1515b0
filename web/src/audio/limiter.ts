// The last thing before the loudspeaker: nothing leaves above the ceiling. The gain is the least that any sample of the next
// 4 ms needs, then averaged over 4 ms, so it arrives in time and without a corner; it recovers slowly. For such a window
// minimum followed by an average of the same length the output cannot exceed the ceiling.
const AHEAD_S = 0.004, RECOVERY_S = 0.15;
export const CEILING = 0.97;

export class Limiter {
  readonly delay: number; // samples
  private readonly left: Float32Array;
  private readonly right: Float32Array;
  private readonly gains: Float64Array; // least gains, averaged
  private readonly queue_gain: Float64Array; // rising gains still in the window: the first is its minimum
  private readonly queue_at: Float64Array;
  private head = 0;
  private size = 0;
  private at = 0;
  private sum: number;
  private held = 1;
  private readonly recovery: number;

  constructor(sample_rate: number) {
    this.delay = Math.max(1, Math.round(AHEAD_S * sample_rate));
    this.left = new Float32Array(this.delay);
    this.right = new Float32Array(this.delay);
    this.gains = new Float64Array(this.delay).fill(1);
    this.queue_gain = new Float64Array(this.delay + 2);
    this.queue_at = new Float64Array(this.delay + 2);
    this.sum = this.delay;
    this.recovery = 1 - Math.exp(-1 / (RECOVERY_S * sample_rate));
  }

  /** Limit in place; the output is `delay` samples late. Returns the least gain that was applied. */
  process(left: Float32Array, right: Float32Array, n: number): number {
    let least = 1;
    for (let i = 0; i < n; i++) {
      const l = left[i]!, r = right[i]!, peak = Math.max(Math.abs(l), Math.abs(r));
      const window = this.minimum(peak > CEILING ? CEILING / peak : 1);
      this.held = window < this.held ? window : this.held + (window - this.held) * this.recovery;
      const slot = this.at % this.delay;
      this.sum += this.held - this.gains[slot]!;
      this.gains[slot] = this.held;
      const gain = Math.min(1, this.sum / this.delay);
      if (gain < least) least = gain;
      left[i] = bounded(this.left[slot]! * gain);
      right[i] = bounded(this.right[slot]! * gain);
      this.left[slot] = l;
      this.right[slot] = r;
      this.at++;
      if (slot === this.delay - 1) this.sum = this.gains.reduce((a, b) => a + b, 0); // rounding does not add up
    }
    return least;
  }

  /** Least of the last `delay + 1` gains, through a queue of rising values. */
  private minimum(gain: number): number {
    const { queue_gain, queue_at } = this, room = queue_gain.length;
    while (this.size && queue_gain[(this.head + this.size - 1) % room]! >= gain) this.size--;
    const tail = (this.head + this.size++) % room;
    queue_gain[tail] = gain;
    queue_at[tail] = this.at;
    if (queue_at[this.head]! < this.at - this.delay) {
      this.head = (this.head + 1) % room;
      this.size--;
    }
    return queue_gain[this.head]!;
  }
}

const bounded = (x: number) => (x > CEILING ? CEILING : x < -CEILING ? -CEILING : x); // rounding only
