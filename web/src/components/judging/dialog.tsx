// A real modal dialog: the browser keeps the focus in it and Escape closes it; the focus goes back where it was.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

interface Props { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean; testid?: string; isConflict?: boolean; actions?: ComponentChildren }

export function Dialog({ title, onClose, children, wide = false, testid, isConflict = false, actions }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = ref.current!;
    const before = document.activeElement;
    dialog.showModal();
    dialog.querySelector("h2")!.focus(); // not the close button: Enter must not undo what opened it
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={wide ? "judging-dialog wide" : "judging-dialog"}
      aria-labelledby={heading}
      data-judging
      data-conflict={isConflict || undefined}
      data-testid={testid}
      onClose={onClose}
    >
      <header class="dialog-head">
        <h2 id={heading} tabIndex={-1}>{title}</h2>
        <button type="button" class="button quiet" aria-label="Close" title="Close (Escape)" onClick={onClose}>✕</button>
      </header>
      <div class="dialog-body">{children}</div>
      {actions && <footer class="dialog-actions">{actions}</footer>}
    </dialog>
  );
}
