// Where the song is now: a line over all rows, moved by the frame and not by rendering; it pulls the view along if wanted.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { player } from "../../audio/player";
import { isHeard, wholeSong } from "../../state/whole_song";
import { LABEL_PX, type Axis } from "./geometry";

/** Whether the view scrolls with the song. */
export const follows = signal(true);

export function SongCursor({ axis }: { axis: Axis }) {
  const line = useRef<HTMLDivElement>(null);
  const { playing, scene } = player.state.value;
  const end_tick = wholeSong.value?.roll.end_tick ?? 0;
  useEffect(() => {
    let frame = 0;
    let shown = -1;
    const draw = () => {
      frame = requestAnimationFrame(draw); // also while it rests: a jump in the pause shows as well
      const tick = isHeard() && end_tick > 0 ? Math.min(player.position(), end_tick) : 0;
      if (tick === shown || !line.current) return;
      shown = tick;
      const x = (tick / Math.max(1, end_tick)) * axis.width;
      line.current.style.transform = `translateX(${x.toFixed(1)}px)`;
      line.current.dataset.tick = String(Math.round(tick));
      if (playing && follows.peek()) keepInView(line.current, x);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [axis.width, playing, scene, end_tick]);
  return <div ref={line} class="song-cursor" data-testid="song-cursor" aria-hidden="true" style={{ left: LABEL_PX }} />;
}

function keepInView(line: HTMLElement, x: number): void {
  const scroller = line.closest<HTMLElement>(".timeline");
  if (!scroller) return;
  const room = scroller.clientWidth - LABEL_PX;
  if (x < scroller.scrollLeft || x > scroller.scrollLeft + room * 0.92) scroller.scrollLeft = Math.max(0, x - room * 0.1);
}
