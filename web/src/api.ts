// Asking the server: typed requests, one kind of error, and event streams that come back by themselves.
// The session cookie that the opened address sets travels with every request; nothing here knows the token.

/** What the server refused, or that it could not be reached (status 0). `body` is its JSON answer, for 409 and its conflicts. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly body: unknown,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** Names this tab in undo histories: kept over a reload, new in another tab. */
export const client: string = tabName();

function tabName(): string {
  const key = "whitelight.client";
  try {
    const kept = sessionStorage.getItem(key);
    if (kept) return kept;
    const fresh = randomName();
    sessionStorage.setItem(key, fresh);
    return fresh;
  } catch {
    return randomName(); // storage is off: a reload then forgets its history, nothing else
  }
}

function randomName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Address below /api with every piece encoded: api("songs", id, "stages", "drums"). */
export function api(...pieces: string[]): string {
  return "/api/" + pieces.map(encodeURIComponent).join("/");
}

async function request<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = { method, headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store" };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { Accept: "application/json", "Content-Type": "application/json" };
    init.keepalive = init.body.length < 16_384; // a mark is written even if the page is closed right after it
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === "AbortError") throw reason;
    throw new ApiError("The studio does not answer. Is `whitelight studio` still running?", 0, null);
  }
  const text = await response.text();
  const answer = parsed(text);
  if (!response.ok) throw new ApiError(errorLine(answer, response.status), response.status, answer);
  return answer as T;
}

function parsed(text: string): unknown {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

function errorLine(answer: unknown, status: number): string {
  if (typeof answer === "object" && answer !== null && "error" in answer && typeof answer.error === "string") return answer.error;
  if (status === 401 || status === 403) return "This tab is not let in. Open the address that `whitelight studio` printed.";
  return `The studio answered ${status} and no reason.`;
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => request<T>("GET", path, undefined, signal);
export const post = <T>(path: string, body: unknown): Promise<T> => request<T>("POST", path, body);
export const put = <T>(path: string, body: unknown): Promise<T> => request<T>("PUT", path, body);
export const del = <T>(path: string): Promise<T> => request<T>("DELETE", path);

export interface StreamOptions<T> {
  onData: (data: T) => void;
  onOpen?: (again: boolean) => void; // again: it had been lost; ask for what was missed
  onLost?: () => void;
}

/**
 * Listen to server-sent events until the returned function is called.
 *
 * A lost connection is tried again after 0.25, 0.5, 1, then every 2 seconds: a browser gives up on its own after some errors.
 */
export function stream<T>(path: string, { onData, onOpen, onLost }: StreamOptions<T>): () => void {
  let source: EventSource | null = null;
  let timer = 0;
  let failures = 0;
  let wasOpen = false;
  const connect = () => {
    source = new EventSource(path);
    source.onopen = () => {
      failures = 0;
      onOpen?.(wasOpen);
      wasOpen = true;
    };
    source.onmessage = (event: MessageEvent<string>) => {
      const data = parsed(event.data);
      if (data !== null) onData(data as T);
    };
    source.onerror = () => {
      source?.close();
      if (failures === 0) onLost?.();
      timer = window.setTimeout(connect, Math.min(2000, 250 * 2 ** failures));
      failures += 1;
    };
  };
  connect();
  return () => {
    window.clearTimeout(timer);
    source?.close();
  };
}
