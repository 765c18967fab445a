/** The one way to the server: same-origin cookies, CSRF token, typed errors. */

import type { FieldProblem, Problem } from "./types";

/** How the last request ended, seen from far away. */
export type Reach = "ready" | "starting" | "offline";

/** The server answered, but not with what was asked for; `detail` is a sentence in the reader's language. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: FieldProblem[];
  readonly retryAfterS: number | null;

  constructor(problem: Problem, retryAfterS: number | null) {
    super(`${problem.status} ${problem.code}`);
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.errors = problem.errors;
    this.retryAfterS = retryAfterS;
  }
}

/** No answer at all: the server is off, or the network is gone. */
export class Unreachable extends Error {}

/** The server is there and not ready; asking again makes sense. */
export class Starting extends ApiError {}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Options {
  body?: object;
  signal?: AbortSignal;
  /** Lets the request outlive the page, for the last save when a tab closes. */
  keepalive?: boolean;
}

export class Client {
  csrfToken: string | null = null;
  language = "en";
  onReach: (reach: Reach) => void = () => {};
  onSignedOut: () => void = () => {};
  readonly #fetch: typeof fetch;

  constructor(fetcher: typeof fetch) {
    this.#fetch = fetcher;
  }

  /** Ask and decode; `T` is the shape the API promises for this path. Throws ApiError, Starting, Unreachable. */
  async ask<T>(method: Method, path: string, options: Options = {}): Promise<T> {
    const response = await this.send(method, `/api/v1${path}`, options);
    if (response.status === 204 || response.status === 205) return undefined as T;
    return (await response.json()) as T;
  }

  /** Send to any path of the server and give back the good answer, undecoded. */
  async send(method: Method, path: string, { body, signal, keepalive }: Options = {}): Promise<Response> {
    const response = await this.#reach(path, {
      method,
      headers: this.#headers(method, body !== undefined),
      body: body === undefined ? null : JSON.stringify(body),
      credentials: "same-origin",
      signal: signal ?? null,
      keepalive: keepalive ?? false,
    });
    const error = response.ok ? null : await apiError(response);
    this.onReach(error instanceof Starting ? "starting" : "ready");
    if (error === null) return response;
    if (error.status === 401 && error.code !== "auth.wrong_credentials") this.onSignedOut();
    throw error;
  }

  async #reach(path: string, request: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(path, request);
    } catch (cause) {
      if (request.signal?.aborted) throw cause;
      this.onReach("offline");
      throw new Unreachable(path, { cause });
    }
  }

  #headers(method: Method, hasBody: boolean): Record<string, string> {
    const headers: Record<string, string> = { "Accept-Language": this.language };
    if (hasBody) headers["Content-Type"] = "application/json";
    if (this.csrfToken !== null && method !== "GET") headers["X-CSRF-Token"] = this.csrfToken;
    return headers;
  }
}

export const client = new Client((path, request) => fetch(path, request));

/** A 503 that speaks of the server itself; one about a file or a disk leaves the rest in working order. */
const AWAY_CODES = new Set(["unavailable", "db.unavailable", "unknown"]);

async function apiError(response: Response): Promise<ApiError> {
  const retryAfterS = seconds(response.headers.get("Retry-After"));
  const problem = await readProblem(response);
  return response.status === 503 && AWAY_CODES.has(problem.code) ? new Starting(problem, retryAfterS) : new ApiError(problem, retryAfterS);
}

/** Read problem+json; a proxy in between may answer anything else, which becomes a problem without words. */
async function readProblem(response: Response): Promise<Problem> {
  const wordless = { type: "about:blank", title: "", status: response.status, code: "unknown", detail: "", instance: "", errors: [] };
  const text = await response.text().catch(() => "");
  try {
    return { ...wordless, ...(JSON.parse(text) as Partial<Problem>), status: response.status };
  } catch {
    return wordless;
  }
}

function seconds(header: string | null): number | null {
  const value = Number.parseInt(header ?? "", 10);
  return Number.isNaN(value) ? null : value;
}
