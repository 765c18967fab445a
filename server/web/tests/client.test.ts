import { expect, test } from "vitest";

import { ApiError, Client, type Reach, Starting, Unreachable } from "../src/api/client";

interface Sent {
  path: string;
  request: RequestInit;
}

/** A client whose server gives one answer, and what it was sent. */
function clientOf(answer: () => Response | Promise<Response>) {
  const sent: Sent[] = [];
  const reached: Reach[] = [];
  const client = new Client(async (path, request) => {
    sent.push({ path: String(path), request: request ?? {} });
    return answer();
  });
  client.onReach = (reach) => reached.push(reach);
  return { client, sent, reached };
}

const problem = (status: number, body: object, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/problem+json", ...headers } });

test("a change carries the CSRF token, a read does not", async () => {
  const { client, sent } = clientOf(() => Response.json({}));
  client.csrfToken = "secret";
  await client.ask("POST", "/auth/logout", { body: { a: 1 } });
  await client.ask("GET", "/setup");
  expect(sent[0]?.path).toBe("/api/v1/auth/logout");
  expect(sent[0]?.request.body).toBe('{"a":1}');
  expect(sent[0]?.request.headers).toMatchObject({ "X-CSRF-Token": "secret", "Content-Type": "application/json" });
  expect(sent[1]?.request.headers).not.toHaveProperty("X-CSRF-Token");
  expect(sent[1]?.request.headers).not.toHaveProperty("Content-Type");
  expect(sent[1]?.request.credentials).toBe("same-origin");
});

test("a problem becomes an error with code, sentence, fields and time to wait", async () => {
  const body = { status: 429, code: "auth.locked", detail: "Wait.", errors: [{ path: "$.name", detail: "Too short." }] };
  const { client, reached } = clientOf(() => problem(429, body, { "Retry-After": "90" }));
  const error = await client.ask("POST", "/auth/login").catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ ...body, retryAfterS: 90 });
  expect(reached).toEqual(["ready"]);
});

test("an error page of some proxy becomes an error without words", async () => {
  const { client } = clientOf(() => new Response("<html>Bad gateway</html>", { status: 502 }));
  await expect(client.ask("GET", "/setup")).rejects.toMatchObject({ status: 502, code: "unknown", detail: "", errors: [] });
});

test("a server that starts is told apart from one that refuses", async () => {
  const { client, reached } = clientOf(() => problem(503, { code: "unavailable" }, { "Retry-After": "1" }));
  await expect(client.ask("GET", "/setup")).rejects.toBeInstanceOf(Starting);
  expect(reached).toEqual(["starting"]);
});

test("no answer at all is a kind of its own", async () => {
  const { client, reached } = clientOf(() => Promise.reject(new TypeError("Failed to fetch")));
  await expect(client.ask("GET", "/setup")).rejects.toBeInstanceOf(Unreachable);
  expect(reached).toEqual(["offline"]);
});

test("a request given up on purpose is not a lost server", async () => {
  const { client, reached } = clientOf(() => Promise.reject(new DOMException("", "AbortError")));
  const signal = AbortSignal.abort();
  await expect(client.ask("GET", "/movies", { signal })).rejects.toBeInstanceOf(DOMException);
  expect(reached).toEqual([]);
});

test.each([
  ["unauthenticated", 1],
  ["auth.wrong_credentials", 0],
])("401 with %s ends the session %d times", async (code, count) => {
  const { client } = clientOf(() => problem(401, { code }));
  let ended = 0;
  client.onSignedOut = () => (ended += 1);
  await expect(client.ask("GET", "/libraries")).rejects.toBeInstanceOf(ApiError);
  expect(ended).toBe(count);
});

test("an empty answer is no JSON", async () => {
  const { client } = clientOf(() => new Response(null, { status: 204 }));
  await expect(client.ask("POST", "/setup/library/skip")).resolves.toBeUndefined();
});

test("a 503 about a file does not say that the server is away", async () => {
  const { client, reached } = clientOf(() => problem(503, { code: "file.offline" }, {}));
  await expect(client.ask("GET", "/setup")).rejects.not.toBeInstanceOf(Starting);
  expect(reached).toEqual(["ready"]);
});
