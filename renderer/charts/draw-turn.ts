type Draw = () => void;

const waiting: Draw[] = [];
const { port1, port2 } = new MessageChannel();
port1.onmessage = () => waiting.shift()?.();

/**
 * Draws in a task of its own, after what was asked before: one picture takes tens of ms, and a view has several, which
 * together would keep the window from answering. Returns how to take it back.
 */
export function drawInTurn(draw: Draw): () => void {
  waiting.push(draw);
  port2.postMessage(null);
  return () => {
    const at = waiting.indexOf(draw);
    // Its turn stays, empty.
    if (at !== -1) waiting[at] = () => undefined;
  };
}
