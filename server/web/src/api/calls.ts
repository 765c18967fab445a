/** Every call the pages make, one line each. */

import { client, type Options } from "./client";
import type {
  Begun,
  ActivePeople,
  ActivityPage,
  ActivityTopic,
  BegunCards,
  Changed,
  DatabaseTest,
  EndedJobPage,
  FileTicket,
  HealthReport,
  Job,
  JobPage,
  Language,
  Libraries,
  Library,
  LibraryEdit,
  Movie,
  MovieIndex,
  MoviePage,
  Overview,
  Play,
  PlayReport,
  PlayRequest,
  PlayState,
  Preferences,
  Preview,
  ProblemPage,
  Progress,
  PublicSettings,
  QueueState,
  Scan,
  ScanPage,
  Schedule,
  ServerAddresses,
  AllSettings,
  SettingChanges,
  SettingValue,
  SettingsSection,
  Setup,
  SignedIn,
  System,
} from "./types";

export type Sort = "title" | "added" | "year";

/** Which films; bounds that are null bound nothing. */
export interface MovieFilter {
  text: string;
  year_from: number | null;
  year_to: number | null;
}

export const readSetup = () => client.ask<Setup>("GET", "/setup");
export const decideStep = (code: string, step: "language" | "database") =>
  client.ask<Setup>("POST", "/setup/decided", { body: { code, step } });
export const testDatabase = (code: string, url: string) =>
  client.ask<DatabaseTest>("POST", "/setup/database/test", { body: { code, url } });
export const useDatabase = (code: string, url: string | null) =>
  client.ask<Setup>("POST", "/setup/database", { body: { code, url } });
export const createAdministrator = (body: { code: string; name: string; password: string; language: Language }) =>
  client.ask<SignedIn>("POST", "/setup/administrator", { body });
export const addFirstLibrary = (path: string) => client.ask<Library>("POST", "/setup/library", { body: { path } });
export const skipFirstLibrary = () => client.ask<void>("POST", "/setup/library/skip");

export const readSession = () => client.ask<SignedIn>("GET", "/auth/session");
export const signIn = (name: string, password: string) =>
  client.ask<SignedIn>("POST", "/auth/login", { body: { name, password, mode: "cookie" } });
export const signOut = () => client.ask<void>("POST", "/auth/logout");
export const changePassword = (current_password: string, new_password: string) =>
  client.ask<void>("POST", "/auth/password", { body: { current_password, new_password } });

export const readAddresses = (signal?: AbortSignal) =>
  client.ask<ServerAddresses>("GET", "/server/addresses", withSignal(signal)).then((page) => page.items);

export const listLibraries = (signal?: AbortSignal) =>
  client.ask<Libraries>("GET", "/libraries", withSignal(signal)).then((page) => page.items);
export const readLibrary = (library_id: string) => client.ask<Library>("GET", `/libraries/${library_id}`);
export const addLibrary = (name: string, path: string) =>
  client.ask<Library>("POST", "/libraries", { body: { name, kind: "movie", paths: [path] } });
export const scanLibrary = (library_id: string) => client.ask<Scan>("POST", `/libraries/${library_id}/scan`);

export const stopScan = (library_id: string) => client.ask<void>("DELETE", `/libraries/${library_id}/scan`);
export const editLibrary = (library_id: string, body: LibraryEdit) =>
  client.ask<Library>("PATCH", `/libraries/${library_id}`, { body });
export const removeLibrary = (library_id: string) => client.ask<void>("DELETE", `/libraries/${library_id}`);
export const previewFolder = (path: string) =>
  client.ask<Preview>("POST", "/libraries/preview", { body: { kind: "movie", path } });
export const listScans = (library_id: string, cursor: string | null) =>
  client.ask<ScanPage>("GET", `/libraries/${library_id}/scans?${paged(20, cursor)}`);
export const listProblems = (library_id: string, cursor: string | null) =>
  client.ask<ProblemPage>("GET", `/libraries/${library_id}/problems?${paged(50, cursor)}`);

export const readOverview = () => client.ask<Overview>("GET", "/jobs/overview");
export const listJobs = (state: Job["state"], cursor: string | null) =>
  client.ask<JobPage>("GET", `/jobs?state=${state}&${paged(20, cursor)}`);
export const listEndedJobs = (cursor: string | null) => client.ask<EndedJobPage>("GET", `/jobs/ended?${paged(20, cursor)}`);
export const removeJob = (job_id: number) => client.ask<void>("DELETE", `/jobs/${job_id}`);
export const replayJob = (job_id: number) => client.ask<void>("POST", `/jobs/${job_id}/replay`);
export const replayKind = (kind: string) => client.ask<Changed>("POST", "/jobs/replay", { body: { kind } });
export const forgetKind = (kind: string) => client.ask<Changed>("POST", "/jobs/forget", { body: { kind } });
export const switchQueue = (name: QueueState["name"], is_paused: boolean) =>
  client.ask<QueueState>("PUT", "/jobs/queues", { body: { name, is_paused } });
export const readSchedule = () => client.ask<Schedule>("GET", "/jobs/schedule").then((page) => page.items);
export const runNow = (name: string) => client.ask<Begun>("POST", `/jobs/schedule/${encodeURIComponent(name)}/run`);
/** Which activity; null is all. */
export interface ActivityFilter {
  topic: ActivityTopic | null;
  user_id: string | null;
  days: number | null;
}

export const listActivity = (want: ActivityFilter, cursor: string | null) => {
  const query = paged(50, cursor);
  if (want.topic !== null) query.set("topic", want.topic);
  if (want.user_id !== null) query.set("user_id", want.user_id);
  if (want.days !== null) query.set("days", `${want.days}`);
  return client.ask<ActivityPage>("GET", `/activity?${query}`);
};
export const listActivePeople = (signal?: AbortSignal) =>
  client.ask<ActivePeople>("GET", "/activity/people", withSignal(signal));

export const readSystem = () => client.ask<System>("GET", "/system");
export const readHealth = async () => (await (await client.send("GET", "/health")).json()) as HealthReport;

export const readSettings = (signal?: AbortSignal) =>
  client.ask<AllSettings>("GET", "/settings", withSignal(signal)).then((page) => page.items);
/** Null sets a value back to its default. */
export const changeSettings = (section: string, values: Record<string, SettingValue | null>) =>
  client.ask<SettingsSection>("PATCH", "/settings", { body: { section, values } });
/** Needs no sign-in. */
export const readPublicSettings = () =>
  client.ask<PublicSettings>("GET", "/settings/public").then((page) => page.sections);
export const listSettingChanges = (cursor: string | null) =>
  client.ask<SettingChanges>("GET", `/settings/changes?${paged(20, cursor)}`);

/** From the cursor on where there is one, which costs the same everywhere in the list, else from the offset on. */
export const listMovies = (want: MovieFilter & { sort: Sort }, limit: number, offset: number, cursor: string | null) =>
  client.ask<MoviePage>(
    "GET",
    `/movies?${queryText({ sort: want.sort, limit, ...(cursor === null ? { offset } : { cursor }), ...filter(want) })}`,
  );
export const indexMovies = (want: MovieFilter) => client.ask<MovieIndex>("GET", `/movies/index?${queryText(filter(want))}`);
export const recentMovies = (limit: number, signal?: AbortSignal) =>
  client.ask<MoviePage>("GET", `/movies?${queryText({ sort: "added", limit })}`, withSignal(signal));
export const readMovie = (item_id: string, signal?: AbortSignal) =>
  client.ask<Movie>("GET", `/movies/${encodeURIComponent(item_id)}`, withSignal(signal));

export const previewPlay = (body: PlayRequest, signal?: AbortSignal) =>
  client.ask<Play>("POST", "/playback/preview", { body, ...withSignal(signal) });
export const openPlay = (body: PlayRequest) => client.ask<Play>("POST", "/playback/sessions", { body });
export const choosePlay = (session_id: string, body: PlayRequest) =>
  client.ask<Play>("PUT", `/playback/sessions/${session_id}`, { body });
export const reportPlay = (session_id: string, body: PlayReport, keepalive: boolean) =>
  client.ask<PlayState>("POST", `/playback/sessions/${session_id}/report`, { body, keepalive });
export const endPlay = (session_id: string) =>
  client.ask<void>("DELETE", `/playback/sessions/${session_id}`, { keepalive: true });
export const readPreferences = (signal?: AbortSignal) =>
  client.ask<Preferences>("GET", "/playback/preferences", withSignal(signal));
export const savePreferences = (body: Preferences) => client.ask<Preferences>("PUT", "/playback/preferences", { body });
export const ticketOf = (file_id: string) => client.ask<FileTicket>("POST", `/files/${file_id}/ticket`);
export const continueWatching = (limit: number, signal?: AbortSignal) =>
  client.ask<BegunCards>("GET", `/continue-watching?${queryText({ limit })}`, withSignal(signal));
export const setWatched = (item_id: string, is_watched: boolean) =>
  client.ask<Progress>("PUT", `/items/${item_id}/watched`, { body: { is_watched } });
export const setHidden = (item_id: string, is_hidden: boolean) =>
  client.ask<Progress>("PUT", `/items/${item_id}/hidden`, { body: { is_hidden } });

function withSignal(signal: AbortSignal | undefined): Options {
  return signal === undefined ? {} : { signal };
}

function paged(limit: number, cursor: string | null): URLSearchParams {
  return new URLSearchParams({ limit: `${limit}`, ...(cursor && { cursor }) });
}

function filter({ text, year_from, year_to }: MovieFilter): MovieFilter {
  return { text, year_from, year_to };
}

/** What is null or empty is left out. */
function queryText(values: object): string {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== "");
  return `${new URLSearchParams(given.map(([name, value]) => [name, `${value}`]))}`;
}
