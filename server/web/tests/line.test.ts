import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Line } from "../src/state/line";

/** A connection whose other side is the test. */
class Socket {
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  is_closed = false;
  readonly sent: string[] = [];

  constructor(readonly url: string) {
    sockets.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.is_closed = true;
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  tell(id: string, kind = "items.added"): void {
    this.say({ type: "event", id, at: "2026-01-01T00:00:00Z", event: { kind, library_id: "l", rating_level: 0, item_ids: ["i"] } });
  }
}

let sockets: Socket[] = [];
let heard: string[] = [];
let lost = 0;
let may_connect = true;
const hearer = {
  hear: ({ kind }: { kind: string }) => heard.push(kind),
  lose: () => (lost += 1),
  mayConnect: () => Promise.resolve(may_connect),
};
const hello = { type: "hello", last_id: "7", ping_s: 30 };
const latest = () => sockets.at(-1) as Socket;
const aLine = () => new Line("ws://server/ws?topics=items", hearer);
/** Long enough for any retry, too short for a silence. */
const pass = () => vi.advanceTimersByTimeAsync(31_000);

beforeEach(() => {
  [sockets, heard, lost, may_connect] = [[], [], 0, true];
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Socket);
});

afterEach(() => vi.useRealTimers());

test("what was read before the first word may be old", () => {
  aLine();
  expect(latest().url).toBe("ws://server/ws?topics=items");
  latest().say(hello);
  expect(lost).toBe(1);
});

test("events are told, those that are not about items are not", () => {
  aLine();
  latest().say(hello);
  latest().tell("8");
  latest().tell("9", "session.ended");
  latest().say({ type: "news" });
  expect(heard).toEqual(["items.added"]);
});

test("a ping is answered, and where nothing happened for long it says where to go on", async () => {
  aLine();
  latest().say(hello);
  latest().say({ type: "ping", last_id: "p" });
  expect(latest().sent).toEqual(['{"type":"pong"}']);
  latest().onclose?.();
  await pass();
  expect(latest().url).toBe("ws://server/ws?topics=items&after=p");
});

test("a connection that broke goes on after the last event, and nothing is read anew", async () => {
  aLine();
  latest().say(hello);
  latest().tell("8");
  latest().onclose?.();
  await pass();
  expect(latest().url).toBe("ws://server/ws?topics=items&after=8");
  latest().say({ ...hello, last_id: "10" });
  latest().tell("9");
  latest().onclose?.();
  await pass();
  expect(latest().url).toBe("ws://server/ws?topics=items&after=9");
  expect([heard.length, lost]).toEqual([2, 1]);
});

test("when the server no longer knows what was missed, everything is read anew", async () => {
  aLine();
  latest().say(hello);
  latest().onclose?.();
  await pass();
  latest().say({ ...hello, last_id: "9000" });
  latest().say({ type: "reset", last_id: "9001" });
  expect(lost).toBe(2);
  latest().onclose?.();
  await pass();
  expect(latest().url).toBe("ws://server/ws?topics=items&after=9001");
});

test("pauses grow to half a minute, and begin small again after a hello", async () => {
  aLine();
  for (let minute = 0; minute < 10; minute += 1) {
    latest().onclose?.();
    await vi.advanceTimersByTimeAsync(60_000);
  }
  const before = sockets.length;
  latest().onclose?.();
  await vi.advanceTimersByTimeAsync(14_000);
  expect(sockets).toHaveLength(before);
  await vi.advanceTimersByTimeAsync(17_000);
  expect(sockets).toHaveLength(before + 1);
  latest().say(hello);
  latest().onclose?.();
  await vi.advanceTimersByTimeAsync(1100);
  expect(sockets).toHaveLength(before + 2);
});

test("nobody connects while another request fails, and hurry asks at once", async () => {
  const line = aLine();
  may_connect = false;
  latest().onclose?.();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(sockets).toHaveLength(1);
  may_connect = true;
  line.hurry();
  await vi.advanceTimersByTimeAsync(1);
  expect(sockets).toHaveLength(2);
});

test("hurry does nothing to a connection that stands", async () => {
  const line = aLine();
  latest().say(hello);
  line.hurry();
  await vi.advanceTimersByTimeAsync(1);
  expect(sockets).toHaveLength(1);
});

test("one that is silent for longer than a ping is gone, as after a sleep", async () => {
  aLine();
  latest().say({ ...hello, ping_s: 10 });
  await vi.advanceTimersByTimeAsync(24_000);
  latest().say({ type: "ping" });
  await vi.advanceTimersByTimeAsync(24_000);
  expect(sockets).toHaveLength(1);
  const silent = latest();
  await vi.advanceTimersByTimeAsync(3000);
  expect([silent.is_closed, sockets.length]).toEqual([true, 2]);
});

test("a closed line stays closed", async () => {
  const line = aLine();
  latest().onclose?.();
  line.close();
  await pass();
  const other = aLine();
  latest().say(hello);
  other.close();
  await pass();
  expect([sockets.length, latest().is_closed, latest().onclose]).toEqual([2, true, null]);
});

test("a line that is closed while it asks whether to connect stays closed", async () => {
  const line = aLine();
  latest().onclose?.();
  line.hurry();
  line.close();
  await pass();
  expect(sockets).toHaveLength(1);
});
